package dev.holdfast.bookkeeper;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** A metadata store in memory that fails on request. */
final class FakeMetadata implements Metadata {
    /** Failure of one change. */
    enum Fault {
        /** The connection is lost before the store receives the change. */
        LOST_BEFORE,
        /** The change happens, and the connection is lost before the answer. */
        LOST_AFTER,
        /** The change happens, but no answer ever arrives. */
        NO_ANSWER
    }

    private final Map<String, Versioned> nodes = new HashMap<>();
    private final Queue<Fault> faults = new ArrayDeque<>();
    private boolean down;
    private boolean ignoresVersions;
    private boolean hangs;
    private final List<Runnable> hanging = new ArrayList<>();
    private Runnable whenChanged = () -> {};
    private int reads;
    private int versions;

    /** Sets the failures of the next changes, in order. */
    synchronized void fail(Fault... next) {
        faults.addAll(List.of(next));
    }

    /** Sets whether the store is down, so that no request is answered. */
    synchronized void down(boolean isDown) {
        down = isDown;
    }

    /** Holds all answers back until {@link #answer} is called. */
    synchronized void hang() {
        hangs = true;
    }

    /** Sends the answers that were held back, and answers later requests at once. */
    void answer() {
        List<Runnable> answers;
        synchronized (this) {
            hangs = false;
            answers = List.copyOf(hanging);
            hanging.clear();
        }
        answers.forEach(Runnable::run);
    }

    /**
     * Runs an action after the next change has happened and its answer was lost, before the writer notices the loss.
     */
    synchronized void whenChanged(Runnable action) {
        whenChanged = action;
    }

    /** Returns the number of node reads. */
    synchronized int reads() {
        return reads;
    }

    /** Returns the number of version requests. */
    synchronized int versions() {
        return versions;
    }

    /** Makes the store faulty: it ignores versions. */
    synchronized void ignoreVersions() {
        ignoresVersions = true;
    }

    synchronized LogState state(String logName) throws Exception {
        return StateCodec.decode(nodes.get(logName).state(), logName);
    }

    synchronized void put(String logName, LogState state) {
        nodes.put(
                logName,
                new Versioned(StateCodec.encode(state), nodes.get(logName).version() + 1));
    }

    /** Creates or changes a node as another client would. */
    synchronized void putText(String logName, String text) {
        Versioned before = nodes.get(logName);
        nodes.put(logName, new Versioned(text, before == null ? 0 : before.version() + 1));
    }

    synchronized String text(String logName) {
        return nodes.get(logName).state();
    }

    @Override
    public synchronized CompletableFuture<Optional<Versioned>> read(String logName) {
        reads++;
        return answer(() -> Optional.ofNullable(nodes.get(logName)));
    }

    @Override
    public synchronized CompletableFuture<OptionalLong> version(String logName) {
        versions++;
        return answer(() ->
                nodes.containsKey(logName) ? OptionalLong.of(nodes.get(logName).version()) : OptionalLong.empty());
    }

    private <T> CompletableFuture<T> answer(Supplier<T> answer) {
        if (down) {
            return lost();
        }
        if (!hangs) {
            return CompletableFuture.completedFuture(answer.get());
        }
        CompletableFuture<T> later = new CompletableFuture<>();
        hanging.add(() -> later.complete(answer.get()));
        return later;
    }

    @Override
    public synchronized CompletableFuture<OptionalLong> create(String logName, String state) {
        return change(() -> nodes.putIfAbsent(logName, new Versioned(state, 0)) == null
                ? OptionalLong.of(0)
                : OptionalLong.empty());
    }

    @Override
    public synchronized CompletableFuture<OptionalLong> compareAndSet(
            String logName, String state, long expectedVersion) {
        return change(() -> {
            Versioned node = nodes.get(logName);
            if (node == null || (node.version() != expectedVersion && !ignoresVersions)) {
                return OptionalLong.empty();
            }
            nodes.put(logName, new Versioned(state, node.version() + 1));
            return OptionalLong.of(node.version() + 1);
        });
    }

    @Override
    public synchronized CompletableFuture<Boolean> delete(String logName, long caller, long expectedVersion) {
        return change(() -> {
            Versioned node = nodes.get(logName);
            if (node != null && node.version() != expectedVersion) {
                return false;
            }
            nodes.remove(logName);
            return true;
        });
    }

    @Override
    public synchronized CompletableFuture<List<String>> list() {
        return answer(() -> List.copyOf(nodes.keySet()));
    }

    private <T> CompletableFuture<T> change(Supplier<T> change) {
        Fault fault = down ? Fault.LOST_BEFORE : faults.poll();
        if (fault == null) {
            return CompletableFuture.completedFuture(change.get());
        }
        if (fault == Fault.LOST_BEFORE) {
            return lost();
        }
        var unused = change.get();
        Runnable action = whenChanged;
        whenChanged = () -> {};
        action.run();
        return fault == Fault.LOST_AFTER ? lost() : new CompletableFuture<>();
    }

    private static <T> CompletableFuture<T> lost() {
        return CompletableFuture.failedFuture(new MetadataException("connection lost", null));
    }

    @Override
    public String id(String logName) {
        return "/fake/" + logName;
    }

    @Override
    public String where(String logName) {
        return "fake node " + logName;
    }
}
