package dev.holdfast.bench.h2;

import dev.holdfast.bench.contender.Acknowledgement;
import dev.holdfast.bench.contender.BatchingWriter;
import dev.holdfast.bench.contender.Contender;
import dev.holdfast.bench.contender.ReadsAnywhere;
import dev.holdfast.bench.contender.ReadsBack;
import dev.holdfast.bench.contender.Trims;
import java.nio.ByteBuffer;
import java.util.List;
import org.h2.mvstore.Cursor;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;

/**
 * The MVStore as a contender. A commit covers everything that was put before it, so appends are measured in batches.
 */
@SuppressWarnings("ByteBufferBackingArray") // Contender promises one
final class H2Contender implements Contender, ReadsBack, ReadsAnywhere, Trims {
    private final MVStore store;
    private final boolean syncs;
    private final MVMap<Long, byte[]> map;
    private final BatchingWriter batching = new BatchingWriter(this::write);
    private volatile long next;

    H2Contender(MVStore store, boolean syncs) {
        this.store = store;
        this.syncs = syncs;
        this.map = store.openMap("log");
        Long last = map.lastKey();
        this.next = last == null ? 0 : last + 1;
    }

    private void write(List<ByteBuffer> batch) {
        long id = next;
        for (ByteBuffer data : batch) {
            map.put(id++, data.array());
        }
        next = id;
        store.commit();
        if (syncs) {
            store.sync();
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
        Cursor<Long, byte[]> cursor = map.cursor(null);
        while (cursor.hasNext()) {
            cursor.next();
            records++;
            bytes += cursor.getValue().length;
        }
        return new ReadBack(records, bytes);
    }

    @Override
    public long firstId() {
        return java.util.Objects.requireNonNull(map.firstKey(), "the log is empty");
    }

    @Override
    public long lastId() {
        return next - 1;
    }

    @Override
    public int read(long id) {
        byte[] data = map.get(id);
        return data == null ? -1 : data.length;
    }

    @Override
    public void trim(long recordsToKeep) {
        long to = next - recordsToKeep;
        for (Long key = map.firstKey(); key != null && key < to; key = map.firstKey()) {
            map.remove(key);
        }
    }

    @Override
    public void close() throws InterruptedException {
        batching.close();
        store.close();
    }
}
