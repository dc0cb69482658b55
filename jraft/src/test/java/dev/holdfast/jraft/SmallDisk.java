package dev.holdfast.jraft;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.Assumptions;

/** A file system of 4 MiB in memory. */
record SmallDisk(Path path) implements AutoCloseable {
    /** Mounts the file system. If mounting is not possible, the test is skipped. */
    static SmallDisk mount(Path path) throws IOException {
        Files.createDirectory(path);
        Assumptions.assumeThat(runs("mount", "-t", "tmpfs", "-o", "size=4m,mode=700", "tmpfs", path.toString()))
                .as("a tmpfs can be mounted")
                .isTrue();
        return new SmallDisk(path);
    }

    /** Fills the disk completely. */
    void writeFull() throws IOException {
        byte[] page = new byte[4096];
        try (OutputStream filler =
                Files.newOutputStream(path.resolve("filler"), StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            while (path.toFile().getUsableSpace() > 0) {
                filler.write(page);
            }
        }
    }

    void grow() throws IOException {
        assertThat(runs("mount", "-o", "remount,size=16m", path.toString())).isTrue();
    }

    private static boolean runs(String... command) throws IOException {
        Process process =
                new ProcessBuilder(List.of(command)).redirectErrorStream(true).start();
        try {
            return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        // Unmounts lazily, because a failed test may have left files open.
        runs("umount", "-l", path.toString());
    }
}
