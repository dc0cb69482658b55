package dev.holdfast.bench.journalio;

import dev.holdfast.bench.contender.Acknowledgement;
import dev.holdfast.bench.contender.BatchingWriter;
import dev.holdfast.bench.contender.Contender;
import dev.holdfast.bench.contender.ReadsBack;
import dev.holdfast.bench.contender.Waiter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import journal.io.api.Journal;
import journal.io.api.Location;
import journal.io.api.WriteCallback;

/**
 * Journal.IO as a contender. Its own thread groups asynchronous appends. Callers that wait are measured through a
 * batching wrapper.
 */
@SuppressWarnings("ByteBufferBackingArray") // Contender promises one
final class JournalIoContender implements Contender, ReadsBack {
    private final Journal journal;
    private final BatchingWriter batching = new BatchingWriter(this::write);

    JournalIoContender(Journal journal) {
        this.journal = journal;
    }

    @Override
    public void append(ByteBuffer data) throws Exception {
        batching.append(data);
    }

    @Override
    public void appendBatch(List<ByteBuffer> batch) throws Exception {
        batching.appendBatch(batch);
    }

    /** Appends a batch. The journal writes in order, so when the last record is synced, all are. */
    private void write(List<ByteBuffer> batch) throws Exception {
        int last = batch.size() - 1;
        for (ByteBuffer data : batch.subList(0, last)) {
            journal.write(data.array(), Journal.WriteType.ASYNC);
        }
        Waiter waiter = new Waiter();
        appendAsync(batch.get(last), waiter);
        journal.sync();
        waiter.await();
    }

    @Override
    public void appendAsync(ByteBuffer data, Acknowledgement acknowledgement) throws IOException {
        journal.write(data.array(), Journal.WriteType.ASYNC, new WriteCallback() {
            @Override
            public void onSync(Location location) {
                acknowledgement.complete(null);
            }

            @Override
            public void onError(Location location, Throwable failure) {
                acknowledgement.complete(failure);
            }
        });
    }

    @Override
    public void drain() throws IOException {
        journal.sync();
    }

    @Override
    public ReadBack readAll() throws IOException {
        long records = 0;
        long bytes = 0;
        for (Location location : journal.redo()) {
            records++;
            bytes += location.getData().length;
        }
        return new ReadBack(records, bytes);
    }

    @Override
    public void close() throws IOException, InterruptedException {
        batching.close();
        journal.close();
    }
}
