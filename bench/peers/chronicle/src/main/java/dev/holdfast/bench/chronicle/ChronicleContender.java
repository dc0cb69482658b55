package dev.holdfast.bench.chronicle;

import dev.holdfast.bench.contender.Acknowledgement;
import dev.holdfast.bench.contender.BatchingWriter;
import dev.holdfast.bench.contender.Contender;
import dev.holdfast.bench.contender.ReadsAnywhere;
import dev.holdfast.bench.contender.ReadsBack;
import java.nio.ByteBuffer;
import java.util.List;
import net.openhft.chronicle.bytes.Bytes;
import net.openhft.chronicle.queue.ChronicleQueue;
import net.openhft.chronicle.queue.ExcerptAppender;
import net.openhft.chronicle.queue.ExcerptTailer;
import net.openhft.chronicle.wire.DocumentContext;

/**
 * Chronicle Queue as a contender. One sync covers everything that was written before it, so appends are measured in
 * batches. The queue has no checksums.
 */
@SuppressWarnings("ByteBufferBackingArray") // Contender promises one
final class ChronicleContender implements Contender, ReadsBack, ReadsAnywhere {
    private static final int MOST_RECORD_BYTES = 1 << 20;

    private final byte[] randomBuffer = new byte[MOST_RECORD_BYTES];
    private final ChronicleQueue queue;
    private final ExcerptAppender appender;
    private final ExcerptTailer random;
    private final boolean syncs;
    private final BatchingWriter batching = new BatchingWriter(this::write);

    ChronicleContender(ChronicleQueue queue, boolean syncs) {
        this.queue = queue;
        this.syncs = syncs;
        this.appender = queue.createAppender();
        this.random = queue.createTailer();
        // One thread at a time writes the batches, but not always the same thread.
        appender.singleThreadedCheckDisabled(true);
        random.singleThreadedCheckDisabled(true);
    }

    private void write(List<ByteBuffer> batch) {
        for (ByteBuffer data : batch) {
            try (DocumentContext document = appender.writingDocument()) {
                document.wire().bytes().write(data.array());
            }
        }
        if (syncs) {
            appender.sync();
        }
    }

    @Override
    public void append(ByteBuffer data) throws Exception {
        batching.append(data);
    }

    @Override
    public void appendBatch(List<ByteBuffer> batch) throws Exception {
        batching.appendBatch(batch);
    }

    @Override
    public void appendAsync(ByteBuffer data, Acknowledgement acknowledgement) {
        batching.appendAsync(data, acknowledgement);
    }

    @Override
    public ReadBack readAll() {
        long records = 0;
        long bytes = 0;
        byte[] buffer = new byte[MOST_RECORD_BYTES];
        try (ExcerptTailer tailer = queue.createTailer()) {
            while (true) {
                int length = next(tailer, buffer);
                if (length < 0) {
                    return new ReadBack(records, bytes);
                }
                records++;
                bytes += length;
            }
        }
    }

    /** Copies the next record and returns its length, or -1 if there is no record. */
    private static int next(ExcerptTailer tailer, byte[] buffer) {
        try (DocumentContext document = tailer.readingDocument()) {
            return document.isPresent() ? copy(document.wire().bytes(), buffer) : -1;
        }
    }

    private static int copy(Bytes<?> bytes, byte[] buffer) {
        return bytes.read(buffer);
    }

    @Override
    public long firstId() {
        return queue.firstIndex();
    }

    @Override
    public long lastId() {
        return queue.lastIndex();
    }

    @Override
    public int read(long id) {
        return random.moveToIndex(id) ? next(random, randomBuffer) : -1;
    }

    @Override
    public void close() throws InterruptedException {
        batching.close();
        appender.close();
        random.close();
        queue.close();
    }
}
