package dev.holdfast.bookkeeper;

import dev.holdfast.bookkeeper.LedgerException.Kind;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BiConsumer;

/**
 * Ledgers in memory that fail on command. Answers come on a thread of their own, as a client's do. Sealing a ledger ends it behind its last acknowledged
 * entry; recovering one keeps also what bookies have of the entries behind.
 */
final class FakeLedgers implements Ledgers, AutoCloseable {
    /** What becomes of an entry, and of all that follow in its ledger. */
    enum Fault {
        /** Nobody has it, and an error is told. */
        REFUSED,
        /** It is there, and an error is told. */
        STORED_AND_REFUSED,
        /** It is there, and no answer ever comes; sealing the ledger by its handle is never answered either. */
        STORED_WITHOUT_ANSWER
    }

    /** What is wrong with bookies that are no good. */
    enum Flaw {
        RECOVERY_FENCES_NOBODY,
        RECOVERY_LOSES_AN_ENTRY,
        ENTRIES_ARE_ALTERED
    }

    private final Map<Long, Stored> ledgers = new TreeMap<>();
    private final ExecutorService answers = Executors.newSingleThreadExecutor(task -> {
        Thread thread = new Thread(task, "fake-ledgers");
        thread.setDaemon(true);
        return thread;
    });
    private final Queue<Fault> faults = new ArrayDeque<>();
    private Flaw flaw;
    private int entriesBeforeFault;
    private int bookies = 5;
    private int recoveriesThatFail;
    private long nextLedgerId;
    private int mostRecentEnsemble;

    /** What the bookies have. */
    private static final class Stored {
        private final Label label;
        private final List<byte[]> entries = new ArrayList<>();
        private int acknowledged;
        private boolean closed;
        private boolean fenced;
        private Fault fault;

        Stored(Label label) {
            this.label = label;
        }
    }

    synchronized void fail(int afterEntries, Fault fault) {
        entriesBeforeFault = afterEntries;
        faults.add(fault);
    }

    synchronized void flaw(Flaw newFlaw) {
        flaw = newFlaw;
    }

    synchronized void bookies(int newBookies) {
        bookies = newBookies;
    }

    synchronized void failRecoveries(int count) {
        recoveriesThatFail = count;
    }

    synchronized int lastEnsemble() {
        return mostRecentEnsemble;
    }

    synchronized List<Long> ids() {
        return List.copyOf(ledgers.keySet());
    }

    synchronized void remove(long ledgerId) {
        ledgers.remove(ledgerId);
    }

    /** Fences a ledger as a bookie's auto-recovery may do. */
    synchronized void fence(long ledgerId) {
        ledgers.get(ledgerId).fenced = true;
    }

    private static <T> CompletableFuture<T> failed(Kind kind) {
        return CompletableFuture.failedFuture(new LedgerException(kind, kind.toString(), null));
    }

    @Override
    public synchronized CompletableFuture<WritableLedger> create(Replication replication, Label label) {
        if (replication.ensemble() > bookies) {
            return failed(Kind.TOO_FEW_BOOKIES);
        }
        mostRecentEnsemble = replication.ensemble();
        long id = nextLedgerId++;
        Stored stored = new Stored(label);
        ledgers.put(id, stored);
        return CompletableFuture.completedFuture(new Handle(id, stored));
    }

    @Override
    public synchronized CompletableFuture<ReadableLedger> recover(long ledgerId) {
        Stored stored = ledgers.get(ledgerId);
        if (stored == null) {
            return failed(Kind.GONE);
        }
        if (recoveriesThatFail > 0) {
            recoveriesThatFail--;
            return failed(Kind.UNAVAILABLE);
        }
        if (flaw == Flaw.RECOVERY_FENCES_NOBODY) {
            return CompletableFuture.completedFuture(new Handle(ledgerId, stored));
        }
        if (!stored.closed && flaw == Flaw.RECOVERY_LOSES_AN_ENTRY && !stored.entries.isEmpty()) {
            stored.entries.remove(stored.entries.size() - 1);
        }
        stored.fenced = true;
        stored.closed = true;
        stored.acknowledged = stored.entries.size();
        return CompletableFuture.completedFuture(new Handle(ledgerId, stored));
    }

    @Override
    public synchronized CompletableFuture<ReadableLedger> open(long ledgerId) {
        Stored stored = ledgers.get(ledgerId);
        return stored == null ? failed(Kind.GONE) : CompletableFuture.completedFuture(new Handle(ledgerId, stored));
    }

    @Override
    public synchronized CompletableFuture<Void> delete(long ledgerId) {
        ledgers.remove(ledgerId);
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public synchronized CompletableFuture<List<Labelled>> list() {
        List<Labelled> all = new ArrayList<>();
        ledgers.forEach((id, stored) -> all.add(new Labelled(id, stored.label)));
        return CompletableFuture.completedFuture(all);
    }

    @Override
    public void close() {
        answers.shutdownNow();
    }

    private final class Handle implements WritableLedger {
        private final long id;
        private final Stored stored;

        Handle(long id, Stored stored) {
            this.id = id;
            this.stored = stored;
        }

        @Override
        public long ledgerId() {
            return id;
        }

        @Override
        public void append(byte[] entry, BiConsumer<Long, LedgerException> told) {
            answers.execute(() -> answer(entry.clone(), told));
        }

        private void answer(byte[] entry, BiConsumer<Long, LedgerException> told) {
            Kind refused = null;
            long place;
            synchronized (FakeLedgers.this) {
                place = stored.entries.size();
                if (stored.fault == null && !faults.isEmpty() && entriesBeforeFault-- <= 0) {
                    stored.fault = faults.poll();
                }
                if (stored.fenced || stored.closed || !ledgers.containsKey(id)) {
                    refused = stored.fenced ? Kind.FENCED : Kind.UNAVAILABLE;
                } else if (stored.fault != null) {
                    if (stored.fault != Fault.REFUSED) {
                        stored.entries.add(entry);
                    }
                    refused = Kind.UNAVAILABLE;
                } else {
                    stored.entries.add(entry);
                    stored.acknowledged = stored.entries.size();
                }
                if (stored.fault == Fault.STORED_WITHOUT_ANSWER && refused == Kind.UNAVAILABLE) {
                    return;
                }
            }
            told.accept(place, refused == null ? null : new LedgerException(refused, refused.toString(), null));
        }

        @Override
        public CompletableFuture<Long> seal() {
            synchronized (FakeLedgers.this) {
                if (stored.fault == Fault.STORED_WITHOUT_ANSWER) {
                    return new CompletableFuture<>();
                }
                if (stored.fenced) {
                    return failed(Kind.FENCED);
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
            synchronized (FakeLedgers.this) {
                if (!ledgers.containsKey(id)) {
                    return failed(Kind.GONE);
                }
                if (lastEntry >= stored.entries.size()) {
                    return failed(Kind.DAMAGED);
                }
                List<byte[]> read = new ArrayList<>();
                for (long entry = firstEntry; entry <= lastEntry; entry++) {
                    byte[] copy = stored.entries.get((int) entry).clone();
                    if (flaw == Flaw.ENTRIES_ARE_ALTERED) {
                        copy[copy.length - 1]++;
                    }
                    read.add(copy);
                }
                return CompletableFuture.completedFuture(read);
            }
        }

        @Override
        public CompletableFuture<Long> confirmedEntries() {
            synchronized (FakeLedgers.this) {
                return CompletableFuture.completedFuture((long) stored.acknowledged);
            }
        }

        @Override
        public long bytes() {
            synchronized (FakeLedgers.this) {
                return stored.entries.stream().mapToLong(entry -> entry.length).sum();
            }
        }

        @Override
        public void close() {}
    }
}
