package dev.holdfast.bench.artemis;

import dev.holdfast.bench.contender.Acknowledgement;
import dev.holdfast.bench.contender.Contender;
import dev.holdfast.bench.contender.ReadsBack;
import dev.holdfast.bench.contender.Trims;
import dev.holdfast.bench.contender.Waiter;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.activemq.artemis.core.io.SequentialFileFactory;
import org.apache.activemq.artemis.core.journal.IOCompletion;
import org.apache.activemq.artemis.core.journal.LoaderCallback;
import org.apache.activemq.artemis.core.journal.PreparedTransactionInfo;
import org.apache.activemq.artemis.core.journal.RecordInfo;
import org.apache.activemq.artemis.core.journal.impl.JournalImpl;
import org.apache.activemq.artemis.core.journal.impl.dataformat.ByteArrayEncoding;

/**
 * The Artemis journal as a contender. It groups waiting records on its own threads. The journal can read only by
 * loading: the records found at the opening are read back, and are read again by loading the journal again.
 */
@SuppressWarnings("ByteBufferBackingArray") // Contender promises one
final class ArtemisContender implements Contender, ReadsBack, Trims {
    private static final byte KIND = 1;

    private final JournalImpl journal;
    private final SequentialFileFactory files;
    private final AtomicLong next = new AtomicLong(1);
    private long oldest = 1;

    ArtemisContender(JournalImpl journal, SequentialFileFactory files) throws Exception {
        this.journal = journal;
        this.files = files;
        files.start();
        journal.start();
        Ends ends = new Ends();
        journal.load(ends);
        oldest = ends.oldest;
        next.set(ends.next);
    }

    /**
     * Keeps only the ids of the first and the last record, because keeping all of them takes more memory than the
     * opening needs.
     */
    private static final class Ends implements LoaderCallback {
        private long oldest = 1;
        private long next = 1;
        private boolean empty = true;

        @Override
        public void addRecord(RecordInfo record) {
            if (empty) {
                oldest = record.id;
                empty = false;
            }
            next = Math.max(next, record.id + 1);
        }

        /** Deletes the oldest records first. */
        @Override
        public void deleteRecord(long id) {
            oldest = Math.max(oldest, id + 1);
        }

        @Override
        public void updateRecord(RecordInfo record) {}

        @Override
        public void addPreparedTransaction(PreparedTransactionInfo transaction) {}

        @Override
        public void failedTransaction(long transaction, List<RecordInfo> added, List<RecordInfo> deleted) {}
    }

    private List<RecordInfo> load() throws Exception {
        List<RecordInfo> records = new ArrayList<>();
        journal.load(records, new ArrayList<>(), (transaction, added, deleted) -> {}, false);
        return records;
    }

    @Override
    public void append(ByteBuffer data) throws Exception {
        journal.appendAddRecord(next.getAndIncrement(), KIND, data.array(), true);
    }

    /** Appends a batch. The journal writes in order, so when the last record is synced, all are. */
    @Override
    public void appendBatch(List<ByteBuffer> batch) throws Exception {
        int last = batch.size() - 1;
        for (ByteBuffer data : batch.subList(0, last)) {
            journal.appendAddRecord(next.getAndIncrement(), KIND, data.array(), false);
        }
        Waiter waiter = new Waiter();
        appendAsync(batch.get(last), waiter);
        waiter.await();
    }

    @Override
    public void appendAsync(ByteBuffer data, Acknowledgement acknowledgement) throws Exception {
        journal.appendAddRecord(
                next.getAndIncrement(),
                KIND,
                new ByteArrayEncoding(data.array()),
                true,
                new Completion(acknowledgement));
    }

    private record Completion(Acknowledgement acknowledgement) implements IOCompletion {
        @Override
        public void done() {
            acknowledgement.complete(null);
        }

        @Override
        public void onError(int code, String message) {
            acknowledgement.complete(new java.io.IOException(code + ": " + message));
        }

        @Override
        public void storeLineUp() {}
    }

    @Override
    public ReadBack readAll() throws Exception {
        journal.stop();
        journal.start();
        List<RecordInfo> records = load();
        return new ReadBack(
                records.size(),
                records.stream().mapToLong(record -> record.data.length).sum());
    }

    @Override
    public synchronized void trim(long recordsToKeep) throws Exception {
        for (long end = next.get() - recordsToKeep; oldest < end; oldest++) {
            journal.appendDeleteRecord(oldest, false);
        }
    }

    @Override
    public void close() throws Exception {
        journal.stop();
        files.stop();
    }
}
