package dev.holdfast.bench.jraft;

import com.alipay.sofa.jraft.entity.EnumOutter.EntryType;
import com.alipay.sofa.jraft.entity.LogEntry;
import com.alipay.sofa.jraft.entity.LogId;
import com.alipay.sofa.jraft.storage.LogStorage;
import dev.holdfast.bench.contender.Acknowledgement;
import dev.holdfast.bench.contender.BatchingWriter;
import dev.holdfast.bench.contender.Contender;
import dev.holdfast.bench.contender.ReadsAnywhere;
import dev.holdfast.bench.contender.ReadsBack;
import dev.holdfast.bench.contender.Trims;
import dev.holdfast.bench.contender.Truncates;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * SOFAJRaft's log as a contender. The caller assigns the indexes, so callers must take turns: they append in batches.
 */
final class JRaftContender implements Contender, ReadsBack, ReadsAnywhere, Trims, Truncates {
    private final LogStorage storage;
    private final BatchingWriter batching = new BatchingWriter(this::write);
    private volatile long next;

    JRaftContender(LogStorage storage) {
        this.storage = storage;
        this.next = storage.getLastLogIndex() + 1;
    }

    private void write(List<ByteBuffer> batch) throws IOException {
        List<LogEntry> entries = new ArrayList<>(batch.size());
        long index = next;
        for (ByteBuffer data : batch) {
            LogEntry entry = new LogEntry(EntryType.ENTRY_TYPE_DATA);
            entry.setId(new LogId(index++, 1));
            entry.setData(data.duplicate());
            entries.add(entry);
        }
        if (storage.appendEntries(entries) != entries.size()) {
            throw new IOException("not all of " + entries.size() + " entries were appended");
        }
        next = index;
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
        long bytes = 0;
        long first = firstId();
        for (long id = first; id < next; id++) {
            bytes += read(id);
        }
        return new ReadBack(next - first, bytes);
    }

    @Override
    public long firstId() {
        return storage.getFirstLogIndex();
    }

    @Override
    public long lastId() {
        return next - 1;
    }

    @Override
    public int read(long id) {
        return storage.getEntry(id).getData().remaining();
    }

    @Override
    public void trim(long recordsToKeep) {
        storage.truncatePrefix(Math.max(1, next - recordsToKeep));
    }

    @Override
    public void truncateNewest() throws IOException {
        long last = next - 2;
        if (!storage.truncateSuffix(last)) {
            throw new IOException("the log cannot be truncated to " + last);
        }
        next = last + 1;
    }

    @Override
    public void close() throws InterruptedException {
        batching.close();
        storage.shutdown();
    }
}
