package dev.holdfast.testkit.file;

import dev.holdfast.testkit.disk.CrashDisk;
import dev.holdfast.wal.storage.ReadableFile;
import dev.holdfast.wal.storage.Storage;
import dev.holdfast.wal.storage.StoredFile;
import dev.holdfast.wal.storage.WritableFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The bytes of all files of a log, by name. Tests inspect, damage and reopen images.
 *
 * @param files the bytes of each file
 */
record Image(TreeMap<String, byte[]> files) {
    private static final int BLOCK_BYTES = 4096;

    /** Reads the visible files of a simulated disk. */
    static Image of(CrashDisk disk) throws IOException {
        TreeMap<String, byte[]> files = new TreeMap<>();
        try (Storage storage = disk.process()) {
            for (StoredFile file : storage.list()) {
                ByteBuffer bytes = ByteBuffer.allocateDirect((int) file.length());
                try (ReadableFile reader = storage.openForReading(file.name())) {
                    reader.read(0, bytes);
                }
                byte[] copy = new byte[bytes.flip().remaining()];
                bytes.get(copy);
                files.put(file.name(), copy);
            }
        }
        return new Image(files);
    }

    /** Reads the files of a directory. */
    static Image of(Path directory) throws IOException {
        TreeMap<String, byte[]> files = new TreeMap<>();
        try (Stream<Path> list = Files.list(directory)) {
            for (Path file : list.filter(Files::isRegularFile).toList()) {
                files.put(file.getFileName().toString(), Files.readAllBytes(file));
            }
        }
        return new Image(files);
    }

    Image copy() {
        TreeMap<String, byte[]> copies = new TreeMap<>();
        files.forEach((name, bytes) -> copies.put(name, bytes.clone()));
        return new Image(copies);
    }

    /** Creates a disk with these files on stable storage. */
    CrashDisk onDisk() throws IOException {
        CrashDisk disk = new CrashDisk();
        try (Storage storage = disk.process()) {
            for (Map.Entry<String, byte[]> file : files.entrySet()) {
                try (WritableFile writer = storage.create(file.getKey())) {
                    writer.write(0, file.getValue(), 0, file.getValue().length);
                    writer.sync();
                }
            }
            storage.sync();
        }
        return disk;
    }

    /** Creates a disk with these files, like a tool that copies files but leaves out blocks of zeros. */
    CrashDisk onDiskWithHoles() throws IOException {
        CrashDisk disk = new CrashDisk();
        try (Storage storage = disk.process()) {
            for (Map.Entry<String, byte[]> file : files.entrySet()) {
                try (WritableFile writer = storage.create(file.getKey())) {
                    byte[] bytes = file.getValue();
                    writer.write(bytes.length - 1, bytes, bytes.length - 1, 1);
                    for (int at = 0; at < bytes.length; at += BLOCK_BYTES) {
                        int length = Math.min(BLOCK_BYTES, bytes.length - at);
                        if (!Arrays.equals(bytes, at, at + length, new byte[length], 0, length)) {
                            writer.write(at, bytes, at, length);
                        }
                    }
                    writer.sync();
                }
            }
            storage.sync();
        }
        return disk;
    }

    void writeTo(Path directory) throws IOException {
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            Files.write(directory.resolve(file.getKey()), file.getValue());
        }
    }

    /** Returns the names of the segments, oldest first. */
    List<String> segments() {
        return files.keySet().stream().filter(name -> name.endsWith(".seg")).toList();
    }

    /** Finds these bytes in the segments. Returns the last place where they occur. */
    Place find(byte[] wanted) {
        for (String name : files.descendingKeySet()) {
            if (name.endsWith(".seg")) {
                byte[] bytes = files.get(name);
                for (int at = bytes.length - wanted.length; at >= 0; at--) {
                    if (Arrays.equals(bytes, at, at + wanted.length, wanted, 0, wanted.length)) {
                        return new Place(name, at);
                    }
                }
            }
        }
        throw new AssertionError("no segment contains these bytes");
    }

    /** A byte of a file. */
    record Place(String file, int offset) {}

    /** Flips one bit of a byte. */
    void flip(Place place, int bit) {
        files.get(place.file())[place.offset() + bit / 8] ^= (byte) (1 << bit % 8);
    }

    /** Returns whether two images have the same names and bytes. */
    boolean same(Image other) {
        return files.keySet().equals(other.files.keySet())
                && files.entrySet().stream()
                        .allMatch(file -> Arrays.equals(file.getValue(), other.files.get(file.getKey())));
    }
}
