package dev.holdfast.testkit.explorer;

import dev.holdfast.wal.storage.ReadableFile;
import dev.holdfast.wal.storage.Storage;
import dev.holdfast.wal.storage.StoredFile;
import dev.holdfast.wal.storage.WritableFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * A file of a {@link ToyLog}. It consists of frames with a length, a checksum and records. The first frame holds all
 * records of the log at the time the file was created; each later frame holds one batch.
 */
final class ToyFile {
    private static final int HEADER_BYTES = 2 * Integer.BYTES;

    /** The contents of the newest file. The number is 0 if there is no file. */
    record Found(long number, long end, long firstId, boolean pinned, List<byte[]> records) {
        static final Found NOTHING = new Found(0, 0, 1, false, List.of());
    }

    private final long number;
    private final WritableFile file;
    private long end;

    private ToyFile(long number, WritableFile file, long end) {
        this.number = number;
        this.file = file;
        this.end = end;
    }

    long number() {
        return number;
    }

    private static String nameOf(long number) {
        return String.format("toy-%08x", number);
    }

    static ToyFile write(
            Storage storage,
            long number,
            Found contents,
            boolean syncFirst,
            boolean syncNames,
            boolean syncBeforeDelete)
            throws IOException {
        String making = nameOf(number) + ".tmp";
        delete(storage, making);
        WritableFile file = storage.create(making);
        byte[] frame = frame(
                number,
                0,
                ByteBuffer.allocate(9)
                        .putLong(contents.firstId())
                        .put((byte) (contents.pinned() ? 1 : 0))
                        .array(),
                contents.records());
        file.write(0, frame, 0, frame.length);
        if (syncFirst) {
            file.sync();
        }
        storage.rename(making, nameOf(number));
        if (!syncFirst) {
            file.sync();
        }
        if (syncBeforeDelete && syncNames) {
            storage.sync();
        }
        for (StoredFile old : storage.list()) {
            if (!old.name().equals(nameOf(number))) {
                storage.delete(old.name());
            }
        }
        if (!syncBeforeDelete) {
            storage.sync();
        }
        return new ToyFile(number, file, frame.length);
    }

    static ToyFile reopen(Storage storage, Found found) throws IOException {
        return new ToyFile(found.number(), storage.openForWriting(nameOf(found.number())), found.end());
    }

    private static void delete(Storage storage, String name) throws IOException {
        if (storage.list().stream().anyMatch(file -> file.name().equals(name))) {
            storage.delete(name);
        }
    }

    void append(List<byte[]> batch, boolean synced) throws IOException {
        byte[] frame = frame(number, end, new byte[0], batch);
        if (synced) {
            file.writeSynced(end, frame, 0, frame.length);
        } else {
            file.write(end, frame, 0, frame.length);
        }
        end += frame.length;
    }

    void sync() throws IOException {
        file.sync();
    }

    private static byte[] frame(long number, long offset, byte[] prefix, List<byte[]> records) {
        int length = prefix.length
                + records.stream()
                        .mapToInt(record -> Integer.BYTES + record.length)
                        .sum();
        ByteBuffer frame = ByteBuffer.allocate(HEADER_BYTES + length);
        frame.position(HEADER_BYTES);
        frame.put(prefix);
        for (byte[] record : records) {
            frame.putInt(record.length).put(record);
        }
        frame.putInt(0, length).putInt(4, checksum(number, offset, length, frame.array(), HEADER_BYTES, length));
        return frame.array();
    }

    private static int checksum(long number, long offset, int length, byte[] bytes, int from, int count) {
        CRC32C crc = new CRC32C();
        crc.update(ByteBuffer.allocate(20)
                .putLong(number)
                .putLong(offset)
                .putInt(length)
                .flip());
        crc.update(bytes, from, count);
        return (int) crc.getValue();
    }

    static Found newest(Storage storage, int frames, boolean checked) throws IOException {
        long newest = 0;
        for (StoredFile file : storage.list()) {
            if (!file.name().endsWith(".tmp")) {
                newest = Math.max(newest, Long.parseLong(file.name().substring(4), 16));
            }
        }
        return newest == 0 ? Found.NOTHING : read(storage, newest, frames, checked);
    }

    private static Found read(Storage storage, long number, int frames, boolean checked) throws IOException {
        ByteBuffer bytes;
        try (ReadableFile file = storage.openForReading(nameOf(number))) {
            bytes = ByteBuffer.allocateDirect((int) file.length());
            file.read(0, bytes);
        }
        bytes.flip();
        byte[] all = new byte[bytes.remaining()];
        bytes.get(all);
        ByteBuffer at = ByteBuffer.wrap(all);
        long firstId = 0;
        boolean pinned = false;
        List<byte[]> records = new ArrayList<>();
        int end = 0;
        for (int n = 0; n < frames && all.length - end >= HEADER_BYTES; n++) {
            int length = at.getInt(end);
            if (length <= 0 || length > all.length - end - HEADER_BYTES) {
                break;
            }
            if (checked && at.getInt(end + 4) != checksum(number, end, length, all, end + HEADER_BYTES, length)) {
                break;
            }
            ByteBuffer frame = ByteBuffer.wrap(all, end + HEADER_BYTES, length);
            if (end == 0) {
                firstId = frame.getLong();
                pinned = frame.get() == 1;
            }
            while (frame.hasRemaining()) {
                byte[] record = new byte[frame.getInt()];
                frame.get(record);
                records.add(record);
                pinned = false;
            }
            end += HEADER_BYTES + length;
        }
        if (end == 0) {
            throw new IOException(nameOf(number) + " at byte 0: the first frame is damaged");
        }
        return new Found(number, end, firstId, pinned, records);
    }
}
