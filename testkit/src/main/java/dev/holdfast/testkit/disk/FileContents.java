package dev.holdfast.testkit.disk;

import dev.holdfast.wal.storage.ReadableFile;
import dev.holdfast.wal.storage.Storage;
import dev.holdfast.wal.storage.WritableFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Writes and reads whole files, for {@link StorageContract}. */
final class FileContents {
    private FileContents() {}

    static void create(Storage storage, String name, String content) throws IOException {
        try (WritableFile file = storage.create(name)) {
            file.write(0, bytes(content), 0, content.length());
        }
    }

    static String content(Storage storage, String name) throws IOException {
        return new String(contentBytes(storage, name), StandardCharsets.ISO_8859_1);
    }

    static byte[] contentBytes(Storage storage, String name) throws IOException {
        try (ReadableFile file = storage.openForReading(name)) {
            return contentBytes(file);
        }
    }

    static String content(ReadableFile file) throws IOException {
        return new String(contentBytes(file), StandardCharsets.ISO_8859_1);
    }

    static byte[] contentBytes(ReadableFile file) throws IOException {
        ByteBuffer into = ByteBuffer.allocateDirect(Math.toIntExact(file.length()) + 1);
        file.read(0, into);
        return bytes(into.flip());
    }

    static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
