package dev.holdfast.bench.bookkeeper;

import dev.holdfast.bench.contender.Acknowledgement;
import dev.holdfast.bench.contender.Contender;
import dev.holdfast.bench.contender.ReadsBack;
import dev.holdfast.bench.contender.Waiter;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.bookkeeper.bookie.Journal;

/**
 * The BookKeeper journal as a contender. It groups waiting records on its own threads. It is never trimmed here,
 * because the ledgers of a bookie decide when it is. It has no checksums, because in BookKeeper the client computes
 * them.
 */
final class BookKeeperContender implements Contender, ReadsBack {
    private static final long LEDGER = 1;

    private final Journal journal;
    private final AtomicLong next = new AtomicLong();

    BookKeeperContender(Journal journal) {
        this.journal = journal;
        journal.start();
    }

    @Override
    public void append(ByteBuffer data) throws Exception {
        Waiter waiter = new Waiter();
        appendAsync(data, waiter);
        waiter.await();
    }

    @Override
    public void appendBatch(List<ByteBuffer> batch) throws Exception {
        List<Waiter> waiters = new ArrayList<>();
        for (ByteBuffer data : batch) {
            Waiter waiter = new Waiter();
            appendAsync(data, waiter);
            waiters.add(waiter);
        }
        for (Waiter waiter : waiters) {
            waiter.await();
        }
    }

    @Override
    public void appendAsync(ByteBuffer data, Acknowledgement acknowledgement) throws InterruptedException {
        ByteBuf entry = Unpooled.wrappedBuffer(data.duplicate());
        journal.logAddEntry(
                LEDGER,
                next.getAndIncrement(),
                entry,
                false,
                (code, ledger, id, address, context) ->
                        acknowledgement.complete(code == 0 ? null : new IOException("code " + code)),
                this);
    }

    @Override
    public ReadBack readAll() throws IOException {
        long[] recordsAndBytes = new long[2];
        for (long file : Journal.listJournalIds(journal.getJournalDirectory(), id -> true)) {
            journal.scanJournal(
                    file,
                    0,
                    (version, offset, entry) -> {
                        recordsAndBytes[0]++;
                        recordsAndBytes[1] += entry.remaining();
                    },
                    true);
        }
        return new ReadBack(recordsAndBytes[0], recordsAndBytes[1]);
    }

    @Override
    public void close() {
        journal.shutdown();
    }
}
