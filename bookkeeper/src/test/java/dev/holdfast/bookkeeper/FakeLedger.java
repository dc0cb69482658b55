package dev.holdfast.bookkeeper;

import dev.holdfast.bookkeeper.LedgerException.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;

/** An open handle on a ledger of {@link FakeLedgers}. */
final class FakeLedger implements Ledgers.WritableLedger {
    private final FakeLedgers ledgers;
    private final long id;
    private final FakeLedgers.Stored stored;
    private final boolean writes;
    private boolean ended;
    private long sent;

    FakeLedger(FakeLedgers ledgers, long id, FakeLedgers.Stored stored, boolean writes) {
        this.ledgers = ledgers;
        this.id = id;
        this.stored = stored;
        this.writes = writes;
        ledgers.openHandles++;
    }

    @Override
    public long ledgerId() {
        return id;
    }

    @Override
    public void append(byte[] entry, BiConsumer<Long, LedgerException> told) {
        FakeLedgers.pause(ledgers.appendNanos);
        long number = sent++;
        ledgers.answers.execute(() -> answer(number, entry.clone(), told));
    }

    @Override
    public boolean hasRoom() {
        return ledgers.hasRoom;
    }

    @Override
    public boolean hasSlowBookie() {
        synchronized (ledgers) {
            return id < ledgers.firstWithoutSlowBookie;
        }
    }

    private void answer(long number, byte[] entry, BiConsumer<Long, LedgerException> told) {
        FakeLedgers.pause(ledgers.answerNanos);
        Kind refused = null;
        synchronized (ledgers) {
            if (stored.fault == null && !ledgers.faults.isEmpty() && ledgers.entriesBeforeFault-- <= 0) {
                stored.fault = ledgers.faults.poll();
            }
            if (stored.fenced || stored.closed || !(ledgers.byId.containsKey(id) || stored.forgotten)) {
                refused = stored.fenced ? Kind.FENCED : Kind.UNAVAILABLE;
            } else if (stored.fault != null) {
                if (stored.fault != FakeLedgers.Fault.REFUSED) {
                    stored.entries.add(entry);
                }
                refused = Kind.UNAVAILABLE;
            } else {
                stored.entries.add(entry);
                stored.acknowledged = stored.entries.size();
            }
            if (stored.fault == FakeLedgers.Fault.STORED_WITHOUT_ANSWER && refused == Kind.UNAVAILABLE) {
                return;
            }
        }
        told.accept(number, refused == null ? null : new LedgerException(refused, refused.toString(), null));
    }

    private void end() {
        if (!ended) {
            ended = true;
            ledgers.openHandles--;
        }
    }

    @Override
    public CompletableFuture<Long> seal() {
        synchronized (ledgers) {
            end();
            if (stored.fault == FakeLedgers.Fault.STORED_WITHOUT_ANSWER) {
                return new CompletableFuture<>();
            }
            if (stored.forgotten) {
                return FakeLedgers.failed(Kind.GONE);
            }
            if (stored.fenced) {
                return FakeLedgers.failed(Kind.FENCED);
            }
            stored.closed = true;
            while (stored.entries.size() > stored.acknowledged) {
                stored.entries.remove(stored.entries.size() - 1);
            }
            return CompletableFuture.completedFuture((long) stored.acknowledged);
        }
    }

    @Override
    public CompletableFuture<List<byte[]>> read(long firstEntry, long lastEntry) {
        synchronized (ledgers) {
            if (!ledgers.byId.containsKey(id)) {
                return FakeLedgers.failed(Kind.GONE);
            }
            if (lastEntry >= stored.entries.size()) {
                return FakeLedgers.failed(Kind.DAMAGED);
            }
            List<byte[]> read = new ArrayList<>();
            for (long entry = firstEntry; entry <= lastEntry; entry++) {
                byte[] copy = stored.entries.get((int) entry).clone();
                if (ledgers.flaw == FakeLedgers.Flaw.ENTRIES_ARE_ALTERED) {
                    copy[copy.length - 1]++;
                } else if (ledgers.flaw == FakeLedgers.Flaw.IDS_ARE_WRONG) {
                    copy[Entry.HEADER_BYTES - 1]++; // the last byte of the id
                }
                read.add(copy);
            }
            return CompletableFuture.completedFuture(read);
        }
    }

    @Override
    public CompletableFuture<Long> confirmedEntries() {
        synchronized (ledgers) {
            return CompletableFuture.completedFuture((long) stored.acknowledged);
        }
    }

    @Override
    public long bytes() {
        synchronized (ledgers) {
            return stored.entries.stream().mapToLong(entry -> entry.length).sum();
        }
    }

    @Override
    public void close() {
        synchronized (ledgers) {
            if (!writes) {
                end();
            }
        }
    }
}
