package dev.holdfast.bookkeeper;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The storage of bookies: directories next to each other, or a small file system for each bookie, which can be filled.
 */
final class Disks implements AutoCloseable {
    /** More than the free space that a bookie requires before it creates another file. */
    private static final String SIZE = "192m";

    private final Path directory;
    private final List<Path> mounted = new ArrayList<>();

    private Disks(Path directory) {
        this.directory = directory;
    }

    static Disks sideBySide(Path directory) {
        return new Disks(directory);
    }

    /** Mounts small file systems; empty if this process lacks the permission. */
    static Optional<Disks> small(Path directory, int count) throws IOException {
        Disks disks = new Disks(directory);
        try {
            for (int i = 0; i < count; i++) {
                Path home = disks.of(i);
                run("mount", "-t", "tmpfs", "-o", "size=" + SIZE, "tmpfs", home.toString());
                disks.mounted.add(home);
            }
            return Optional.of(disks);
        } catch (IOException e) {
            System.out.println("cannot mount file systems: " + e.getMessage());
            disks.close();
            return Optional.empty();
        }
    }

    private static void run(String... command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), UTF_8).strip();
        if (process.onExit().join().exitValue() != 0) {
            throw new IOException(String.join(" ", command) + ": " + said);
        }
    }

    boolean canFill() {
        return !mounted.isEmpty();
    }

    Path of(int bookie) throws IOException {
        return Files.createDirectories(directory.resolve("bookie-" + bookie));
    }

    private Path filler(int bookie) throws IOException {
        return of(bookie).resolve("filler");
    }

    /** Fills the remaining space. */
    void fill(int bookie) throws IOException {
        byte[] block = new byte[1 << 12];
        try (OutputStream filler = Files.newOutputStream(filler(bookie))) {
            while (true) {
                filler.write(block);
            }
        } catch (IOException full) {
            return;
        }
    }

    void giveBack(int bookie) throws IOException {
        Files.deleteIfExists(filler(bookie));
    }

    @Override
    public void close() throws IOException {
        for (Path home : mounted) {
            run("umount", "-l", home.toString());
        }
        mounted.clear();
    }
}
