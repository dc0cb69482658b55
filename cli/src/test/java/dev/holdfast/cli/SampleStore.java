package dev.holdfast.cli;

import dev.holdfast.wal.store.LogStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Creates stores for tests, and describes the files of a directory. */
final class SampleStore {
    private SampleStore() {}

    /** Creates a closed store with the logs orders (records 1 to 3), payments (7 and 8, by a trim) and empty. */
    static Path at(Path directory) throws IOException {
        try (LogStore store = LogStore.open(directory)) {
            for (String line : new String[] {"one", "two", "three"}) {
                store.log("orders").append(bytes(line));
            }
            store.log("payments").reset(5);
            for (String line : new String[] {"five", "six", "seven", "eight"}) {
                store.log("payments").append(bytes(line));
            }
            store.log("payments").trim(6);
            store.log("empty");
        }
        return directory;
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Returns the contents of all files of a directory and of the directories below it, by their paths. */
    static Map<Path, ByteBuffer> files(Path directory) throws IOException {
        Map<Path, ByteBuffer> files = new TreeMap<>();
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                files.put(directory.relativize(file), ByteBuffer.wrap(Files.readAllBytes(file)));
            }
        }
        return files;
    }
}
