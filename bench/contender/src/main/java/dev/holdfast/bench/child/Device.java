package dev.holdfast.bench.child;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The block device below a directory, as Linux counts it in {@code /sys/dev/block/MAJOR:MINOR/stat}. The count includes
 * the writes of all processes and of the journal of the file system. The kernel's count for a process
 * ({@code write_bytes}) is not used: it grows when a page becomes dirty, by the whole folio even if little of it
 * changed.
 */
final class Device {
    private static final Path DEVICES = Path.of("/sys/dev/block");

    /**
     * Index of the sectors written, the seventh value in Documentation/block/stat.rst of the kernel. A sector has 512
     * bytes on every disk.
     */
    private static final int SECTORS_WRITTEN = 6;

    private static final int SECTOR_BYTES = 512;

    private final Path statistics;

    private Device(Path statistics) {
        this.statistics = statistics;
    }

    /**
     * Returns the device of a directory. Returns empty for a file system in memory or on several devices, which has no
     * device with a count.
     */
    static Optional<Device> below(Path directory) throws IOException {
        if (!Files.isDirectory(DEVICES)) {
            return Optional.empty();
        }
        Path statistics = DEVICES.resolve(name((Long) Files.getAttribute(directory, "unix:dev")))
                .resolve("stat");
        return Files.exists(statistics) ? Optional.of(new Device(statistics)) : Optional.empty();
    }

    /**
     * Returns the major and minor number of a device, computed as by glibc's {@code gnu_dev_major} and
     * {@code gnu_dev_minor}.
     */
    static String name(long number) {
        long major = ((number >>> 8) & 0xfff) | ((number >>> 32) & 0xffff_f000L);
        long minor = (number & 0xff) | ((number >>> 12) & 0xffff_ff00L);
        return major + ":" + minor;
    }

    /** Returns the bytes written to the device so far, by all processes. */
    long writtenBytes() throws IOException {
        return Long.parseLong(Files.readString(statistics).strip().split("\\s+", -1)[SECTORS_WRITTEN]) * SECTOR_BYTES;
    }
}
