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
 * Where bookies keep what they have: in directories side by side, or each on a small file system of its own, which can
 * be full.
 */
final class Disks implements AutoCloseable {
    /** More than a bookie wants to see free before it begins another file. */
    private static final String SIZE = "192m";

    private final Path directory;
    private final List<Path> mounted = new ArrayList<>();

    private Disks(Path directory) {
        this.directory = directory;
    }

    static Disks sideBySide(Path directory) {
        return new Disks(directory);
    }

    /** So many small ones; empty where this process may not mount any. */
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
            System.out.println("no file systems of one's own here: " + e.getMessage());
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

    /** Takes all room that is left. */
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
