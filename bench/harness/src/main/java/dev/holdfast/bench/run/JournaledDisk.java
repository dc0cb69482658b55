package dev.holdfast.bench.run;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** An ext4 file system with a journal, in a file that Linux mounts through a loop device. Needs root. */
public final class JournaledDisk {
    private static final String DIRECTORY = "journaled";
    private static final int MIB = 1 << 20;
    /** The number of files that the file system can hold. */
    private static final String FILES = "65536";

    private static final int MOST_TRIES = 20;
    private static final int TRY_AGAIN_MILLIS = 100;

    private JournaledDisk() {}

    /** Returns the directory at which the file system is mounted. */
    static Path in(Path parent) {
        return parent.resolve(DIRECTORY);
    }

    /**
     * Creates and mounts the file system below a directory. Its file is written in full first. Later writes therefore
     * change only the metadata of this file system, not the metadata of the file system that holds the file.
     *
     * @param bytes size of the file system
     * @throws IOException if this is not possible here; the message gives the reason
     */
    public static void mount(Path parent, long bytes) throws IOException, InterruptedException {
        Path file = parent.resolve(DIRECTORY + ".img");
        Files.createDirectories(in(parent));
        try {
            fill(file, bytes);
            mount(file, in(parent));
        } catch (IOException e) {
            // The rest of the benchmark may need the space.
            Files.deleteIfExists(file);
            throw e;
        }
    }

    private static void mount(Path file, Path directory) throws IOException, InterruptedException {
        String device = run("losetup", "--find", "--show", "--direct-io=on", file.toString());
        try {
            run(
                    "mkfs.ext4",
                    "-q",
                    "-O",
                    "has_journal",
                    "-E",
                    "lazy_itable_init=0,lazy_journal_init=0",
                    "-N",
                    FILES,
                    "-m",
                    "0",
                    device);
            run("mount", device, directory.toString());
        } finally {
            // A mounted device is released when it is unmounted, even if this process cannot do that.
            run("losetup", "--detach", device);
        }
    }

    private static void fill(Path path, long bytes) throws IOException {
        ByteBuffer zeros = ByteBuffer.allocateDirect(MIB);
        try (FileChannel file = FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            while (file.position() < bytes) {
                file.write(zeros.clear());
            }
            file.force(true);
        }
    }

    /** Unmounts the file system below a directory. Does nothing if none is mounted. */
    public static void unmount(Path parent) throws IOException, InterruptedException {
        String directory = in(parent).toString();
        for (int tries = 1; isMounted(directory); tries++) {
            try {
                run("umount", directory);
            } catch (IOException e) {
                // A process that was killed may not have closed its files yet.
                if (tries == MOST_TRIES) {
                    throw e;
                }
                TimeUnit.MILLISECONDS.sleep(TRY_AGAIN_MILLIS);
            }
        }
    }

    private static boolean isMounted(String directory) throws IOException {
        Path mounts = Path.of("/proc/self/mounts");
        return Files.exists(mounts)
                && Files.readAllLines(mounts).stream().anyMatch(line -> line.contains(" " + directory + " "));
    }

    private static String run(String... command) throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder(List.of(command)).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        if (process.waitFor() != 0) {
            throw new IOException(command[0] + " failed: " + output);
        }
        return output;
    }
}
