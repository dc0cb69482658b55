package dev.holdfast.testkit;

import static java.util.concurrent.TimeUnit.SECONDS;

import dev.holdfast.wal.CommitHook;
import dev.holdfast.wal.Log;
import java.util.concurrent.CompletableFuture;

/** A commit hook that blocks its append until a test releases the hook. The append runs on a thread of its own. */
final class HeldHook {
    private static final long HANGING_SECONDS = 60;

    private final CompletableFuture<Long> entered = new CompletableFuture<>();
    private final CompletableFuture<Void> gate = new CompletableFuture<>();
    private final Running append;

    private HeldHook(Log log, CommitHook hook) {
        append = Running.start(() -> log.append(Samples.buffer(log.nextId()), id -> {
            entered.complete(id);
            gate.orTimeout(HANGING_SECONDS, SECONDS).join();
            hook.committed(id);
        }));
    }

    /** Appends a record on another thread, and returns when its hook is held. {@code hook} runs after the release. */
    static HeldHook of(Log log, CommitHook hook) throws Exception {
        HeldHook held = new HeldHook(log, hook);
        held.entered.get(HANGING_SECONDS, SECONDS);
        return held;
    }

    /** Returns the id of the record whose hook blocks. */
    long id() {
        return entered.join();
    }

    /** Returns whether the append has returned. */
    boolean hasReturned() {
        return append.isDone();
    }

    /** Releases the hook and waits until its append has returned. */
    void release() throws Exception {
        gate.complete(null);
        append.join();
    }
}
