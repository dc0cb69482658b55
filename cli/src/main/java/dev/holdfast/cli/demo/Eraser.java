package dev.holdfast.cli.demo;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * Destroys records in a log's files, as a disk that lies about syncs may do. This class does not know the format: it
 * searches for the bytes of the record.
 */
final class Eraser {
    private Eraser() {}

    /** Overwrites the record, and the rest of its file, with zeros. */
    static void wipeFrom(Path directory, byte[] record) throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.list(directory)) {
            files = all.filter(Files::isRegularFile).toList();
        }
        for (Path file : files) {
            byte[] bytes = Files.readAllBytes(file);
            int at = indexOf(bytes, record);
            if (at >= 0) {
                try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                    channel.write(ByteBuffer.allocate(bytes.length - at), at);
                }
                return;
            }
        }
        throw new IOException("no file in " + directory + " holds the record to wipe");
    }

    private static int indexOf(byte[] bytes, byte[] wanted) {
        for (int at = 0; at <= bytes.length - wanted.length; at++) {
            if (Arrays.equals(bytes, at, at + wanted.length, wanted, 0, wanted.length)) {
                return at;
            }
        }
        return -1;
    }
}
