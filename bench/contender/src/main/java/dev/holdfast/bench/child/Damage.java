package dev.holdfast.bench.child;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Damages records on disk, in whichever files of a log they are. */
final class Damage {
    private Damage() {}

    /**
     * Flips one bit in each copy of a record in the files of a directory.
     *
     * @param record random bytes, so that a search finds nothing else
     * @throws UnsupportedOperationException if no file contains the bytes of the record
     */
    static void flipBitOf(ByteBuffer record, Path directory) throws IOException {
        byte[] wanted = new byte[record.remaining()];
        record.duplicate().get(wanted);
        int copies = 0;
        for (Path file : filesIn(directory)) {
            byte[] bytes = Files.readAllBytes(file);
            int found = 0;
            for (int at = indexOf(bytes, wanted, 0); at >= 0; at = indexOf(bytes, wanted, at + wanted.length)) {
                bytes[at + wanted.length / 2] ^= 1;
                found++;
            }
            if (found > 0) {
                Files.write(file, bytes);
            }
            copies += found;
        }
        if (copies == 0) {
            throw new UnsupportedOperationException("its files do not contain the bytes of a record unchanged");
        }
    }

    private static List<Path> filesIn(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(Files::isRegularFile).toList();
        }
    }

    static int indexOf(byte[] bytes, byte[] wanted, int from) {
        for (int at = from; at <= bytes.length - wanted.length; at++) {
            if (bytes[at] == wanted[0]
                    && ByteBuffer.wrap(bytes, at, wanted.length).equals(ByteBuffer.wrap(wanted))) {
                return at;
            }
        }
        return -1;
    }
}
