package dev.holdfast.bookkeeper;

import dev.holdfast.bookkeeper.LedgerException.Kind;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;

/**
 * Ledgers in memory that fail on request. Answers arrive on another thread, as with a real client. Sealing a ledger
 * ends it after its last acknowledged entry. Recovering a ledger also keeps later entries that bookies have. A deleted
 * ledger is forgotten completely, including its fence. A client that still has the deleted ledger open gets
 * acknowledgements again, as from real bookies after their garbage collection.
 */
final class FakeLedgers implements Ledgers, AutoCloseable {
    private static final int LISTED_AT_ONCE = 1000;

    /** Failure of an entry, and of all later entries in its ledger. */
    enum Fault {
        /** No bookie has the entry, and an error is returned. */
        REFUSED,
        /** The bookies have the entry, but an error is returned. */
        STORED_AND_REFUSED,
        /**
         * The bookies have the entry, but no answer ever arrives. Sealing the ledger through its handle is not answered
         * either.
         */
        STORED_WITHOUT_ANSWER
    }

    /** Defects of faulty bookies. */
    enum Flaw {
        RECOVERY_FENCES_NOBODY,
        RECOVERY_LOSES_AN_ENTRY,
        ENTRIES_ARE_ALTERED,
        IDS_ARE_WRONG
    }

    final Map<Long, Stored> byId = new TreeMap<>();

    final ExecutorService answers = Executors.newSingleThreadExecutor(task -> {
        Thread thread = new Thread(task, "fake-ledgers");
        thread.setDaemon(true);
        return thread;
    });

    final Queue<Fault> faults = new ArrayDeque<>();
    Flaw flaw;
    private String clusterId = "fake-cluster";
    int entriesBeforeFault;
    private int bookies = 5;
    private int recoveriesThatFail;
    private long nextLedgerId;
    private int mostRecentEnsemble;
    int openHandles;
    private long undeletable = -1;
    private int labelsThatFail;
    private int labelsInFlight;
    private int labelsAsked;
    private int labelsAskedAtOnce;
    private boolean openingsHang;
    private boolean openingsAreLate;
    private int openingsAsked;
    private final List<Runnable> lateOpenings = new ArrayList<>();
    private boolean creationsAreLate;
    private final List<Runnable> lateCreations = new ArrayList<>();
    private Runnable whenDeleted = () -> {};
    volatile boolean hasRoom = true;
    long firstWithoutSlowBookie;
    volatile long answerNanos;
    volatile long appendNanos;

    /** The content of one ledger on the bookies. */
    static final class Stored {
        final Label label;
        final List<byte[]> entries = new ArrayList<>();
        int acknowledged;
        boolean closed;
        boolean fenced;
        boolean forgotten;
        Fault fault;

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
        return List.copyOf(byId.keySet());
    }

    synchronized void remove(long ledgerId) {
        byId.remove(ledgerId);
    }

    /** Sets whether requests to open a ledger stay unanswered. */
    synchronized void hangOpenings(boolean hang) {
        openingsHang = hang;
    }

    /** Delays the creation of ledgers until {@link #makeLate} is called. */
    synchronized void creationsAreLate() {
        creationsAreLate = true;
    }

    void makeLate() {
        List<Runnable> late;
        synchronized (this) {
            late = List.copyOf(lateCreations);
            lateCreations.clear();
        }
        late.forEach(Runnable::run);
    }

    /** Runs an action after the next deletion of a ledger. */
    synchronized void whenDeleted(Runnable action) {
        whenDeleted = action;
    }

    /** Makes one bookie of all ledgers with smaller numbers stall. */
    synchronized void slowBookieBefore(long ledgerId) {
        firstWithoutSlowBookie = ledgerId;
    }

    /** Sets whether the client has room for more entries. */
    void room(boolean newHasRoom) {
        hasRoom = newHasRoom;
    }

    /** Returns the number of ledgers created so far, including deleted ones. */
    synchronized long made() {
        return nextLedgerId;
    }

    /** Sets the time that bookies need for each entry. */
    void slowDown(Duration each) {
        answerNanos = each.toNanos();
    }

    /** Sets the time for which the client blocks on each entry, as a client with a throttle does. */
    void throttle(Duration each) {
        appendNanos = each.toNanos();
    }

    /** Holds all answers back until the latch is open. */
    void answerAfter(CountDownLatch latch) {
        answers.execute(() -> {
            try {
                latch.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    /** Removes the entries of a ledger from all bookies. */
    synchronized void lose(long ledgerId) {
        byId.get(ledgerId).entries.clear();
        byId.get(ledgerId).acknowledged = 0;
    }

    /** Returns the number of handles that were not closed. */
    synchronized int openHandles() {
        return openHandles;
    }

    /** Fences a ledger, as BookKeeper's auto-recovery may do. */
    synchronized void fence(long ledgerId) {
        byId.get(ledgerId).fenced = true;
    }

    /** Blocks the calling thread. Spurious wake-ups do not end the pause. */
    static void pause(long nanos) {
        long until = System.nanoTime() + nanos;
        for (long left = nanos; left > 0; left = until - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    static <T> CompletableFuture<T> failed(Kind kind) {
        return CompletableFuture.failedFuture(new LedgerException(kind, kind.toString(), null));
    }

    /** Adds a ledger that another client has written. */
    synchronized void put(long ledgerId, Label label, List<byte[]> entries, boolean closed) {
        Stored stored = new Stored(label);
        stored.entries.addAll(entries);
        stored.acknowledged = entries.size();
        stored.closed = closed;
        byId.put(ledgerId, stored);
        nextLedgerId = Math.max(nextLedgerId, ledgerId + 1);
    }

    /** Replaces the entries of a ledger on the bookies, as if two clusters shared these bookies. */
    synchronized void replaceEntries(long ledgerId, List<byte[]> entries) {
        byId.get(ledgerId).entries.clear();
        byId.get(ledgerId).entries.addAll(entries);
    }

    /** Returns the entries of a ledger on the bookies. */
    synchronized List<byte[]> entries(long ledgerId) {
        return List.copyOf(byId.get(ledgerId).entries);
    }

    synchronized void clusterId(String id) {
        clusterId = id;
    }

    @Override
    public synchronized String clusterId() {
        return clusterId;
    }

    /** Makes the next requests for a label fail. */
    synchronized void failLabels(int count) {
        labelsThatFail = count;
    }

    /** Returns the number of requests for labels. */
    synchronized int labelsAsked() {
        return labelsAsked;
    }

    synchronized int labelsAskedAtOnce() {
        return labelsAskedAtOnce;
    }

    @Override
    public synchronized CompletableFuture<Optional<Label>> label(long ledgerId) {
        labelsAsked++;
        labelsInFlight++;
        labelsAskedAtOnce = Math.max(labelsAskedAtOnce, labelsInFlight);
        CompletableFuture<Optional<Label>> label = new CompletableFuture<>();
        answers.execute(() -> answerLabel(ledgerId, label));
        return label;
    }

    private void answerLabel(long ledgerId, CompletableFuture<Optional<Label>> label) {
        Optional<Label> found;
        boolean fails;
        synchronized (this) {
            labelsInFlight--;
            fails = labelsThatFail > 0;
            labelsThatFail -= fails ? 1 : 0;
            found = Optional.ofNullable(byId.get(ledgerId)).map(stored -> stored.label);
        }
        if (fails) {
            label.completeExceptionally(new LedgerException(Kind.UNAVAILABLE, "not now", null));
        } else {
            label.complete(found);
        }
    }

    @Override
    public synchronized CompletableFuture<WritableLedger> create(Replication replication, Label label) {
        if (replication.ensemble() > bookies) {
            return failed(Kind.TOO_FEW_BOOKIES);
        }
        mostRecentEnsemble = replication.ensemble();
        long id = nextLedgerId++;
        CompletableFuture<WritableLedger> made = new CompletableFuture<>();
        Runnable making = () -> made.complete(make(id, label));
        if (creationsAreLate) {
            lateCreations.add(making);
        } else {
            making.run();
        }
        return made;
    }

    private synchronized WritableLedger make(long id, Label label) {
        Stored stored = new Stored(label);
        byId.put(id, stored);
        return new FakeLedger(this, id, stored, true);
    }

    @Override
    public synchronized CompletableFuture<ReadableLedger> recover(long ledgerId) {
        Stored stored = byId.get(ledgerId);
        if (stored == null) {
            return failed(Kind.GONE);
        }
        if (recoveriesThatFail > 0) {
            recoveriesThatFail--;
            return failed(Kind.UNAVAILABLE);
        }
        if (flaw == Flaw.RECOVERY_FENCES_NOBODY) {
            return CompletableFuture.completedFuture(new FakeLedger(this, ledgerId, stored, false));
        }
        if (!stored.closed && flaw == Flaw.RECOVERY_LOSES_AN_ENTRY && !stored.entries.isEmpty()) {
            stored.entries.remove(stored.entries.size() - 1);
        }
        stored.fenced = true;
        stored.closed = true;
        stored.acknowledged = stored.entries.size();
        return CompletableFuture.completedFuture(new FakeLedger(this, ledgerId, stored, false));
    }

    @Override
    public synchronized CompletableFuture<ReadableLedger> open(long ledgerId) {
        openingsAsked++;
        if (openingsHang) {
            return new CompletableFuture<>();
        }
        if (openingsAreLate) {
            CompletableFuture<ReadableLedger> later = new CompletableFuture<>();
            lateOpenings.add(() -> later.complete(new FakeLedger(this, ledgerId, byId.get(ledgerId), false)));
            return later;
        }
        Stored stored = byId.get(ledgerId);
        return stored == null
                ? failed(Kind.GONE)
                : CompletableFuture.completedFuture(new FakeLedger(this, ledgerId, stored, false));
    }

    /** Delays the opening of ledgers until {@link #openLate} is called. */
    synchronized void openingsAreLate() {
        openingsAreLate = true;
    }

    void openLate() {
        List<Runnable> late;
        synchronized (this) {
            openingsAreLate = false;
            late = List.copyOf(lateOpenings);
            lateOpenings.clear();
        }
        late.forEach(Runnable::run);
    }

    /** Returns the number of requests to open a ledger without recovery. */
    synchronized int openingsAsked() {
        return openingsAsked;
    }

    /** Makes the deletion of one ledger fail; -1 for none. */
    synchronized void refuseDeletionOf(long ledgerId) {
        undeletable = ledgerId;
    }

    @Override
    public CompletableFuture<Void> delete(long ledgerId) {
        Runnable action;
        synchronized (this) {
            if (ledgerId == undeletable) {
                return failed(Kind.UNAVAILABLE);
            }
            Stored stored = byId.remove(ledgerId);
            if (stored != null) {
                stored.forgotten = true;
                stored.fenced = false;
                stored.closed = false;
                stored.entries.clear();
            }
            action = whenDeleted;
            whenDeleted = () -> {};
        }
        action.run();
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public synchronized Listing list() {
        Iterator<Long> ids = List.copyOf(byId.keySet()).iterator();
        return new Listing() {
            @Override
            public CompletableFuture<List<Long>> next() {
                List<Long> some = new ArrayList<>();
                while (some.size() < LISTED_AT_ONCE && ids.hasNext()) {
                    some.add(ids.next());
                }
                return CompletableFuture.completedFuture(some);
            }

            @Override
            public void close() {}
        };
    }

    @Override
    public void close() {
        answers.shutdownNow();
    }
}
