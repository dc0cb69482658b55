package dev.holdfast.bench.own;

import dev.holdfast.bench.contender.Acknowledgement;
import dev.holdfast.bench.contender.Contender;
import dev.holdfast.bench.contender.ReadsAnywhere;
import dev.holdfast.bench.contender.ReadsBack;
import dev.holdfast.bench.contender.Trims;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Writes to one file and reads from it. A batch is one write. Asynchronous appends share a write of up to 1 MiB. The
 * caller makes this write when the buffer is full or no more records may be in flight. This is what a log without any
 * other work reaches with one write at a time.
 */
final class BareFile implements Contender, ReadsBack, ReadsAnywhere, Trims {
    private static final int READ_BYTES = 1 << 20;
    private static final int MOST_BYTES = 1 << 20;

    private final FileChannel file;
    private final int fileBytes;
    private final int recordBytes;
    private final AtomicLong next = new AtomicLong();
    private final ThreadLocal<ByteBuffer> single;
    private final ByteBuffer shared = ByteBuffer.allocateDirect(MOST_BYTES);
    private final List<Acknowledgement> sharing = new ArrayList<>();

    BareFile(FileChannel file, int fileBytes, int recordBytes) {
        this.file = file;
        this.fileBytes = fileBytes;
        this.recordBytes = recordBytes;
        this.single = ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(recordBytes));
    }

    @Override
    public void append(ByteBuffer data) throws IOException {
        write(single.get().clear());
    }

    @Override
    public void appendBatch(List<ByteBuffer> batch) throws IOException {
        for (ByteBuffer data : batch) {
            add(data);
        }
        writeShared();
    }

    @Override
    public void appendAsync(ByteBuffer data, Acknowledgement acknowledgement) throws IOException {
        if (shared.remaining() < data.remaining()) {
            drain();
        }
        add(data);
        sharing.add(acknowledgement);
    }

    /** Copies a record into the buffer, as any log must. A batch larger than the buffer takes several writes. */
    private void add(ByteBuffer data) throws IOException {
        if (shared.remaining() < data.remaining()) {
            writeShared();
        }
        shared.put(data.duplicate());
    }

    @Override
    public void drain() throws IOException {
        writeShared();
        sharing.forEach(acknowledgement -> acknowledgement.complete(null));
        sharing.clear();
    }

    private void writeShared() throws IOException {
        write(shared.flip());
        shared.clear();
    }

    private void write(ByteBuffer bytes) throws IOException {
        int length = bytes.remaining();
        long offset = next.getAndAdd(length) % (fileBytes - MOST_BYTES);
        while (bytes.hasRemaining()) {
            offset += file.write(bytes, offset);
        }
    }

    @Override
    public ReadBack readAll() throws IOException {
        ByteBuffer buffer = ByteBuffer.allocateDirect(READ_BYTES);
        for (long offset = 0; offset < fileBytes; offset += READ_BYTES) {
            file.read(buffer.clear(), offset);
        }
        long records = lastId() + 1;
        return new ReadBack(records, records * recordBytes);
    }

    @Override
    public long firstId() {
        return 0;
    }

    @Override
    public long lastId() {
        return (long) fileBytes / recordBytes - 1;
    }

    @Override
    public int read(long id) throws IOException {
        return file.read(single.get().clear(), id * recordBytes);
    }

    /** Does nothing: after its end the file is written from its start, like a log that recycles its space. */
    @Override
    public void trim(long recordsToKeep) {}

    @Override
    public void close() throws IOException {
        file.close();
    }
}
