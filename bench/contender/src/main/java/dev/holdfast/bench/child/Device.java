package dev.holdfast.bench.child;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The block device below a directory, as Linux counts it in {@code /sys/dev/block/MAJOR:MINOR/stat}: what all processes
 * and the file system's own journal send there. What the kernel books for a process ({@code write_bytes}) is not that:
 * it is counted when a page gets dirty, a large folio as a whole however little of it changed.
 */
final class Device {
    private static final Path DEVICES = Path.of("/sys/dev/block");

    /**
     * By the documentation of the kernel, Documentation/block/stat.rst: the seventh value is sectors written, of 512
     * bytes whatever the disk has.
     */
    private static final int SECTORS_WRITTEN = 6;

    private static final int SECTOR_BYTES = 512;

    private final Path statistics;

    private Device(Path statistics) {
        this.statistics = statistics;
    }

    /**
     * The device of a directory, if it has one that counts: a file system in memory or over several devices has none.
     */
    static Optional<Device> below(Path directory) throws IOException {
        if (!Files.isDirectory(DEVICES)) {
            return Optional.empty();
        }
        Path statistics = DEVICES.resolve(name((Long) Files.getAttribute(directory, "unix:dev")))
                .resolve("stat");
        return Files.exists(statistics) ? Optional.of(new Device(statistics)) : Optional.empty();
    }

    /** As glibc's {@code gnu_dev_major} and {@code gnu_dev_minor} take a number apart. */
    static String name(long number) {
        long major = ((number >>> 8) & 0xfff) | ((number >>> 32) & 0xffff_f000L);
        long minor = (number & 0xff) | ((number >>> 12) & 0xffff_ff00L);
        return major + ":" + minor;
    }

    /** What was written to it so far, by whomever. */
    long writtenBytes() throws IOException {
        return Long.parseLong(Files.readString(statistics).strip().split("\\s+", -1)[SECTORS_WRITTEN]) * SECTOR_BYTES;
    }
}
