package dev.holdfast.races;

import dev.holdfast.testkit.mistakes.Patch;
import dev.holdfast.testkit.mistakes.PatchedCore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * A deliberate mistake in the core that only concurrent threads can notice, and the race or the histories that must
 * find it.
 *
 * <p>If a mistake would appear only once in a million runs, the patch lets other threads run first at the critical
 * moment. No mistake makes threads wait for each other forever: such mistakes are found too, but each takes jcstress
 * half a minute.
 */
enum RaceMistake {
    // The end of the log that readers see.
    SHOWS_AN_ID_BEFORE_ITS_BYTES(
            race("PublicationRaces.Visible"),
            in(
                    "catalog/Catalog",
                    "tailEnd = newTailEnd; lastId = newLastId;",
                    "lastId = newLastId; Thread.yield(); tailEnd = newTailEnd;")),
    SHOWS_A_GROUP_BEFORE_IT_IS_WRITTEN(
            race("PublicationRaces.Visible"),
            in("commit/Tail", "writer.write(group, durableId, trimPoint, alignment, syncEachGroup);", """
            published.advance(group.lastId(), writer.position() + group.alignedLength());
            writer.write(group, durableId, trimPoint, alignment, syncEachGroup);""")),
    SHOWS_A_GROUP_BEFORE_IT_IS_SYNCED(
            race("PublicationRaces.VisibleSurvives"),
            in("commit/Tail", "writer.write(group, durableId, trimPoint, alignment, syncEachGroup);", """
            writer.write(group, durableId, trimPoint, alignment, false);
            published.advance(writer.nextId() - 1, writer.position());
            writer.sync();""")),
    SHOWS_PARTS_OF_A_BATCH(
            race("PublicationRaces.VisibleBatch"),
            in(
                    "commit/Tail",
                    "published.advance(writer.nextId() - 1, writer.position());\n        prepareSpare();",
                    """
            for (long id = group.firstId(); id < writer.nextId(); id++) {
                published.advance(id, writer.position());
                Thread.yield();
            }
            prepareSpare();""")),
    WAKES_NO_READER_THAT_CAME_LATE(
            race("PublicationRaces.Awaited"),
            in(
                    "catalog/CatalogHolder",
                    "waiting.incrementAndGet();\n            long left = nanos;\n            while (left > 0 && !ready.getAsBoolean()) {",
                    """
            long left = nanos;
            boolean there = ready.getAsBoolean();
            Thread.yield();
            waiting.incrementAndGet();
            while (left > 0 && !there) {"""),
            in(
                    "catalog/CatalogHolder",
                    "left = changed.awaitNanos(left);",
                    "left = changed.awaitNanos(left); there = ready.getAsBoolean();")),

    // The queue.
    ACKNOWLEDGES_BEFORE_THE_SYNC(
            race("PublicationRaces.AcknowledgedSurvives"), in("commit/Group", "if (records.count() > 0) {", """
            if (records.count() > 0) {
                for (int i = 1; i < waiterCount; i++) {
                    waiter(i).done(null);
                    waiter(i).wake();
                }""")),
    GIVES_AN_ID_TO_TWO_CALLERS(race("PublicationRaces.TwoAppenders"), in("commit/CommitQueue", """
        long id;
        try {
            lock.lock();
            try {
                admit(bytes);
                id = idFor(firstId, count);""", """
        long id = idFor(firstId, count);
        try {
            lock.lock();
            try {
                admit(bytes);""")),
    ADDS_TO_A_GROUP_THAT_IS_WRITTEN(
            race("PublicationRaces.TwoAppenders"),
            in("commit/CommitQueue", "if (next == open) { open = null; }", ""),
            in("commit/CommitQueue", "outcome = next.refusal() == null ? run(next) : next.refusal();", """
            outcome = run(next);
            lock.lock();
            try {
                open = next == open ? null : open;
            } finally {
                lock.unlock();
            }""")),
    LEADS_TWICE(
            race("PublicationRaces.TwoAppenders"),
            in("commit/CommitQueue", "if (waiter != null) { waiter.lead(); return true; }", """
            if (waiter != null) {
                leading = false;
                waiter.lead();
                return true;
            }""")),
    WAKES_A_CALLER_BEFORE_IT_SAYS_WHAT_FAILED(
            race("CloseRaces.DiskFailsTwoAppenders"),
            in("commit/Waiter", "failure = outcome; state = State.DONE;", """
            state = State.DONE;
            LockSupport.unpark(thread);
            Thread.yield();
            failure = outcome;""")),
    RUNS_HOOKS_AFTER_WAKING_THE_CALLERS(
            race("HookRaces.TwoAppenders"),
            in("commit/CommitQueue", "group.runHooks(published.hooks());", ""),
            in("commit/CommitQueue", "next.done(outcome);", """
            next.done(outcome);
            if (outcome == null && next instanceof Group late) {
                Thread.yield();
                late.runHooks(published.hooks());
            }""")),
    MEMORY_RUNS_HOOKS_WITHOUT_A_LOCK(
            race("HookRaces.TwoAppenders"),
            in(
                    "memory/MemoryLog",
                    "changing.lock(); try { long firstId = whileOpen(task);",
                    "try { long firstId = whileOpen(task);"),
            in("memory/MemoryLog", "return firstId; } finally { changing.unlock(); }", """
            return firstId;
            } finally {
                Thread.yield();
            }""")),
    COMPLETES_FUTURES_BACKWARDS(
            race("PublicationRaces.FuturesComplete"),
            in("commit/InFlight", "return decided.takeAll();", """
            AppendFuture<?> last = null;
            for (AppendFuture<?> future = decided.takeAll(), next; future != null; future = next) {
                next = future.takeNext();
                future.next = last;
                last = future;
                Thread.yield();
            }
            return last;"""),
            in("commit/AppendFuture", "private @Nullable AppendFuture<?> next;", "@Nullable AppendFuture<?> next;")),
    QUEUES_BEHIND_THE_CLOSE(
            race("CloseRaces.ClosedWhileAppending"),
            in(
                    "commit/CommitQueue",
                    "private void checkOpen() { if (closing) {",
                    "private void checkOpen() { if (closed.isDone()) {"),
            in("commit/CommitQueue", "return closing;", "return closed.isDone();")),
    CLOSES_WITHOUT_WAKING_READERS(
            race("CloseRaces.Closed"), in("catalog/CatalogHolder", "closed = true; wake();", "closed = true;")),

    // Cursors and their buffers.
    GIVES_A_FILE_BACK_TWICE(
            race("CursorRaces.ClosedByTwo"),
            in(
                    "read/StoredCursor",
                    "if (state.compareAndSet(State.IDLE, State.CLOSED)) {",
                    "if (state.get() == State.IDLE) { state.set(State.CLOSED);"),
            in(
                    "read/StoredCursor",
                    "Segment held = segment; segment = null;",
                    "Segment held = segment; Thread.yield(); segment = null;")),
    GIVES_BACK_A_WINDOW_THAT_IS_READ_INTO(
            race("CursorRaces.ClosedWhileReading"),
            in(
                    "read/StoredCursor",
                    "if (state.compareAndSet(State.IDLE, State.CLOSED)) {",
                    "if (state.getAndSet(State.CLOSED) != State.CLOSED) {")),
    LENDS_A_WINDOW_THAT_IS_LOOKED_AT(
            race("CursorRaces.ClosedWhileLookedAt"),
            in(
                    "read/StoredCursor",
                    "buffers.give(Thread.currentThread() == user ? window : null);",
                    "buffers.give(window);")),
    LENDS_A_WINDOW_TO_TWO(
            race("CursorRaces.TwoReaders"),
            in(
                    "segment/ReadBufferPool",
                    "ReadBuffer window = idle.poll();",
                    "ReadBuffer window = idle.peek(); Thread.yield(); idle.remove(window);")),
    COUNTS_THE_READERS_OF_A_FILE_WITHOUT_A_LOCK(race("CursorRaces.TwoReaders"), in("segment/Segment", """
            public void release() throws IOException {
                lock.lock();
                try {
                    readers--;
                    closeIfUnused();
                } finally {
                    lock.unlock();
                }
            }""", """
            public void release() throws IOException {
                readers--;
                closeIfUnused();
            }""")),
    CLOSES_A_CURSOR_WITHOUT_WAKING_IT(
            race("CursorRaces.ClosedWhileWaiting"),
            in("read/StoredCursor", "closed = true; published.wake();", "closed = true;")),
    SHOWS_WHAT_FOLLOWS_A_TRUNCATED_RECORD(
            race("CursorRaces.Truncated"),
            in("read/StoredCursor", "if (catalog.history().removed(shownId, removalsSeen)) {", "if (shownId < 0) {")),
    TRUNCATES_UNSEEN_BY_CURSORS(
            race("CursorRaces.Truncated"),
            in("read/StoredCursor", "Catalog catalog = published.catalog(); seen = catalog;", """
            Catalog catalog = shownId == 2 ? seen : published.catalog();
            seen = catalog;""")),
    TRIMS_UNSEEN_BY_CURSORS(
            race("CursorRaces.Trimmed"),
            in("read/StoredCursor", "if (shownId + 1 < catalog.firstId()) {", "if (shownId < 0) {")),

    // Histories.
    SHOWS_THE_END_BEFORE_WHERE_IT_STANDS(
            histories("chosenInterleavingsOfAStoredLog"),
            in(
                    "catalog/Catalog",
                    "tailEnd = newTailEnd; lastId = newLastId;",
                    "lastId = newLastId; tailEnd = newTailEnd;")),
    MEMORY_TRIMS_WITHOUT_THE_LOCK(histories("readersAndWritersOfAMemoryLog"), in("memory/MemoryLog", """
            public void trim(long discardUpTo) {
                change(() -> {
                    long start = ids.first();
                    if (ids.trim(discardUpTo)) {
                        remove(start, ids.first());
                    }
                });""", """
            public void trim(long discardUpTo) {
                long start = ids.first();
                if (ids.trim(discardUpTo)) {
                    Thread.yield();
                    remove(start, ids.first());
                }""")),
    MEMORY_APPENDS_WITHOUT_THE_LOCK(
            histories("chosenInterleavingsOfAMemoryLog"),
            in(
                    "memory/MemoryLog",
                    "return commit(batch.isEmpty() ? CommitHook.NONE : hook, () -> { long firstId = ids.checkAssign(batch.size()); if (!batch.isEmpty()) { store(withIds(firstId, batch)); } return firstId; });",
                    """
            long firstId = ids.checkAssign(batch.size());
            if (!batch.isEmpty()) {
                Thread.yield();
                lock.lock();
                try {
                    store(withIds(firstId, batch));
                } finally {
                    lock.unlock();
                }
            }
            return firstId;""")),
    ;

    private final Trial trial;
    private final List<Patch> patches;

    RaceMistake(Trial trial, Patch... patches) {
        this.trial = trial;
        this.patches = List.of(patches);
    }

    /** The race or the histories that must find a mistake. */
    private interface Trial {
        Optional<String> run(PatchedCore core, Path folder) throws Exception;
    }

    private record InRace(String name) implements Trial {
        @Override
        public Optional<String> run(PatchedCore core, Path folder) throws ReflectiveOperationException {
            Function<String, Optional<String>> trial = core.make(RaceTrial.class.getName());
            return trial.apply(name);
        }
    }

    private record InHistories(String test) implements Trial {
        @Override
        public Optional<String> run(PatchedCore core, Path folder) throws IOException, InterruptedException {
            core.writeTo(folder);
            return HistoryTrial.run(test, folder);
        }
    }

    private static Trial race(String name) {
        return new InRace(name);
    }

    private static Trial histories(String test) {
        return new InHistories(test);
    }

    private static Patch in(String file, String find, String replacement) {
        return new Patch(file, find, replacement);
    }

    /**
     * Runs the trial. Returns the failure, or empty if the mistake is not found.
     *
     * @param folder an empty folder to work in
     */
    Optional<String> find(Path folder) throws Exception {
        return trial.run(make(), folder);
    }

    /** Returns the core with this mistake. */
    PatchedCore make() {
        return PatchedCore.with(patches, List.of());
    }

    String finder() {
        return trial.toString();
    }
}
