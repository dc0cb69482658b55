package dev.holdfast.races;

import static dev.holdfast.testkit.mistakes.Patch.after;
import static dev.holdfast.testkit.mistakes.Patch.before;
import static dev.holdfast.testkit.mistakes.Patch.change;
import static dev.holdfast.testkit.mistakes.Patch.replace;
import static dev.holdfast.testkit.mistakes.Patch.skip;

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
 * moment. No mistake should make threads wait for each other forever: such mistakes are found too, but only after
 * minutes.
 */
enum RaceMistake {
    // The end of the log that readers see.
    SHOWS_AN_ID_BEFORE_ITS_BYTES(
            race("PublicationRaces.Visible"), skip("catalog-tail-end"), after("catalog-last-id", """
            Thread.yield();
            tailEnd = newTailEnd;""")),
    SHOWS_A_GROUP_BEFORE_IT_IS_WRITTEN(
            race("PublicationRaces.Visible"),
            before("tail-write", "published.advance(group.lastId(), writer.position() + group.alignedLength());")),
    SHOWS_A_GROUP_BEFORE_IT_IS_SYNCED(
            race("PublicationRaces.VisibleSurvives"),
            change("tail-write", "syncOfGroups()", "Sync.LATER"),
            after("tail-written", """
            published.advance(writer.nextId() - 1, writer.position());
            writer.sync();""")),
    SHOWS_PARTS_OF_A_BATCH(race("PublicationRaces.VisibleBatch"), replace("tail-publish", """
            for (long id = group.firstId(); id < writer.nextId(); id++) {
                published.advance(id, writer.position());
                Thread.yield();
            }""")),
    WAKES_NO_READER_THAT_CAME_LATE(
            race("PublicationRaces.Awaited"),
            skip("reader-waits"),
            after("reader-time", """
            boolean there = ready.getAsBoolean();
            Thread.yield();
            waiting.incrementAndGet();"""),
            change("reader-check", "!ready.getAsBoolean()", "!there"),
            after("reader-sleep", "there = ready.getAsBoolean();")),

    // The queue.
    ACKNOWLEDGES_BEFORE_THE_SYNC(race("PublicationRaces.AcknowledgedSurvives"), before("group-run", """
            // A waiter that stayed in the group would be done twice, the second time perhaps for another append.
            for (int i = group.waiters.size() - 1; i > 0; i--) {
                Waiter early = group.waiters.remove(i);
                early.done(null);
                early.wake();
            }""")),
    GIVES_AN_ID_TO_TWO_CALLERS(race("PublicationRaces.TwoAppenders"), replace("append-id", """
            lock.unlock();
            long id = items.idFor(firstId, count);
            Thread.yield();
            lock.lock();""")),
    ADDS_TO_A_GROUP_THAT_IS_WRITTEN(
            race("PublicationRaces.TwoAppenders"),
            change("group-closed", "taken == open", "taken == null"),
            change("open-group", "private ", ""),
            after("group-run", """
            lock.lock();
            try {
                items.open = group == items.open ? null : items.open;
            } finally {
                lock.unlock();
            }""")),
    LEADS_TWICE(race("PublicationRaces.TwoAppenders"), before("lead-passed", "leading = false;")),
    WAKES_A_CALLER_BEFORE_IT_SAYS_WHAT_FAILED(
            race("CloseRaces.DiskFailsTwoAppenders"), skip("waiter-failure"), after("waiter-done", """
            LockSupport.unpark(thread);
            Thread.yield();
            failure = outcome;""")),
    RUNS_HOOKS_AFTER_WAKING_THE_CALLERS(race("HookRaces.TwoAppenders"), skip("queue-hooks"), after("queue-done", """
            if (outcome == null && item instanceof Group late) {
                Thread.yield();
                late.runHooks();
            }""")),
    MEMORY_RUNS_HOOKS_WITHOUT_A_LOCK(
            race("HookRaces.TwoAppenders"),
            skip("memory-change-lock"),
            replace("memory-change-unlock", "Thread.yield();")),
    COMPLETES_FUTURES_BACKWARDS(
            race("PublicationRaces.FuturesComplete"),
            replace("futures-order", """
            AppendFuture<?> last = null;
            for (AppendFuture<?> future = decided.takeAll(), next; future != null; future = next) {
                next = future.takeNext();
                future.next = last;
                last = future;
                Thread.yield();
            }
            return last;"""),
            change("future-next", "private ", "")),
    QUEUES_BEHIND_THE_CLOSE(
            race("CloseRaces.ClosedWhileAppending"),
            change("append-open", "isClosing()", "closed.isDone()"),
            change("is-closing", "closing != null", "closed.isDone()")),
    CLOSES_WITHOUT_WAKING_READERS(race("CloseRaces.Closed"), skip("closed-wake")),

    // Cursors and their buffers.
    GIVES_A_FILE_BACK_TWICE(
            race("CursorRaces.ClosedByTwo"),
            change("cursor-close", "busy.compareAndSet(false, true)", "!busy.get()"),
            after("cursor-close", "busy.set(true);"),
            after("cursor-file", "Thread.yield();")),
    GIVES_BACK_A_BUFFER_THAT_IS_READ_INTO(
            race("CursorRaces.ClosedWhileReading"),
            change("cursor-close", "busy.compareAndSet(false, true)", "closed"),
            change("cursor-buffer", "Thread.currentThread() == user", "user != null"),
            before("frame-checksum", "Thread.yield();")),
    LENDS_A_BUFFER_THAT_IS_LOOKED_AT(
            race("CursorRaces.ClosedWhileLookedAt"),
            change("cursor-buffer", "Thread.currentThread() == user", "user != null")),
    LENDS_MEMORY_TO_TWO(race("CursorRaces.TwoReaders"), replace("buffer-pool", """
            ReadBuffer.Memory memory = idle.peek();
            Thread.yield();
            idle.remove(memory);""")),
    COUNTS_THE_READERS_OF_A_FILE_WITHOUT_A_LOCK(
            race("CursorRaces.TwoReaders"), replace("release-lock", """
            int seen = readers;
            Thread.yield();
            readers = seen;"""), skip("release-unlock")),
    CLOSES_A_CURSOR_WITHOUT_WAKING_IT(race("CursorRaces.ClosedWhileWaiting"), skip("cursor-close-wake")),
    SHOWS_WHAT_FOLLOWS_A_TRUNCATED_RECORD(
            race("CursorRaces.Truncated"),
            change("cursor-truncated", "catalog.history().removed(shownId, removalsSeen)", "shownId < 0")),
    TRUNCATES_UNSEEN_BY_CURSORS(
            race("CursorRaces.Truncated"),
            change("cursor-catalog", "published.catalog()", "shownId == 2 ? seen : published.catalog()")),
    TRIMS_UNSEEN_BY_CURSORS(
            race("CursorRaces.Trimmed"), change("cursor-trimmed", "shownId + 1 < catalog.firstId()", "shownId < 0")),

    // Histories.
    SHOWS_THE_END_BEFORE_WHERE_IT_STANDS(
            histories("readAtEachStepThatPublishesAnAppend"),
            skip("catalog-tail-end"),
            after("catalog-last-id", "tailEnd = newTailEnd;")),
    MEMORY_TRIMS_WITHOUT_THE_LOCK(histories("readersAndWritersOfAMemoryLog"), replace("memory-trim", """
            long first = ids.first();
            if (ids.trim(discardUpTo)) {
                Thread.yield();
                records.subList(0, (int) (ids.first() - first)).clear();
            }""")),
    MEMORY_APPENDS_WITHOUT_THE_LOCK(histories("chosenInterleavingsOfAMemoryLog"), after("memory-append", """
            if (!batch.isEmpty()) {
                long id = ids.checkAppend(batch.firstId(), batch.count());
                Thread.yield();
                lock.lock();
                try {
                    store(id, batch);
                } finally {
                    lock.unlock();
                }
                return id;
            }""")),
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
