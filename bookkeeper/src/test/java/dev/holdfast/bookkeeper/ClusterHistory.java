package dev.holdfast.bookkeeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.holdfast.testkit.HistoryChecker;
import dev.holdfast.testkit.HistoryFault;
import dev.holdfast.wal.CorruptLogException;
import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogCursor;
import dev.holdfast.wal.LogFailedException;
import dev.holdfast.wal.LogFencedException;
import dev.holdfast.wal.RecordsRemovedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Runs a random history of a log on a failing cluster. One client appends, removes, reads and reopens. It also takes
 * the log over from itself and continues to use the replaced handle. A second client follows with one cursor during the
 * whole history. A model records what each client observed, and checks the content of the log after each reopening. The
 * seed determines the steps, but not their timing.
 */
final class ClusterHistory {
    /** A cluster whose failures the test controls. */
    interface World {
        Log open() throws IOException;

        Log openReadOnly() throws IOException;

        /** Injects one failure, or repairs one. */
        void disturb(Random random) throws Exception;

        /** Repairs all failures. */
        void calm() throws Exception;
    }

    private static final int CHECK_EVERY = 25;

    private final World world;
    private final Random random;
    private final Duration bound;
    private final int disturbedPercent;
    private final HistoryChecker checker = new HistoryChecker();
    private final List<Log> replacedHandles = new ArrayList<>();
    private final Map<String, Integer> counts = new TreeMap<>();
    private final long seed;
    private long payloads;
    private long longestNanos;
    private Log log;
    private Following following;

    ClusterHistory(World world, long seed, Duration bound, int disturbedPercent) {
        this.world = world;
        this.seed = seed;
        this.random = new Random(seed);
        this.bound = bound;
        this.disturbedPercent = disturbedPercent;
    }

    /** Returns how often each event has happened. */
    Map<String, Integer> counts() {
        return counts;
    }

    Duration longestCall() {
        return Duration.ofNanos(longestNanos);
    }

    void run(int steps) throws Exception {
        log = open();
        try {
            for (int i = 1; i <= steps; i++) {
                if (random.nextInt(100) < disturbedPercent) {
                    count("disturbances");
                    world.disturb(random);
                }
                step();
                if (i % CHECK_EVERY == 0) {
                    check();
                }
            }
            check();
        } finally {
            world.calm();
            stopFollowing();
            for (Log replaced : replacedHandles) {
                replaced.close();
            }
            log.close();
        }
    }

    private void step() throws Exception {
        int kind = random.nextInt(100);
        if (kind < 54) {
            appendSome();
        } else if (kind < 62) {
            remove("truncates", log.nextId() - 1 - random.nextInt(6), true);
        } else if (kind < 70) {
            remove("trims", log.nextId() - 1 - random.nextInt(30), false);
        } else if (kind < 72) {
            reset();
        } else if (kind < 78) {
            takeOver();
        } else if (kind < 84) {
            useReplacedHandle();
        } else if (kind < 87) {
            closeAndReopen();
        } else if (kind < 90) {
            readAll(log, "reads");
        } else if (kind < 92) {
            try (Log reader = within("open read-only", world::openReadOnly)) {
                readAll(reader, "read-only reads");
            } catch (CorruptLogException e) {
                throw e;
            } catch (IOException e) {
                count("failed read-only openings");
            }
        } else {
            follow();
        }
    }

    private ByteBuffer payload() {
        ByteBuffer data = ByteBuffer.allocate(16 + random.nextInt(400));
        random.nextBytes(data.array());
        return data.putLong(0, seed).putLong(8, payloads++);
    }

    private void appendSome() throws Exception {
        List<Long> ran = new CopyOnWriteArrayList<>();
        Map<HistoryChecker.Append, CompletableFuture<Long>> asked = new LinkedHashMap<>();
        for (int i = 1 + random.nextInt(6); i > 0; i--) {
            List<ByteBuffer> batch = new ArrayList<>();
            for (int j = 1 + random.nextInt(4); j > 0; j--) {
                batch.add(payload());
            }
            asked.put(checker.appending(batch), log.appendAllAsync(batch, ran::add));
        }
        List<Long> acknowledged = new ArrayList<>();
        boolean failed = false;
        for (Map.Entry<HistoryChecker.Append, CompletableFuture<Long>> each : asked.entrySet()) {
            try {
                long firstId = answer(each.getValue());
                each.getKey().acknowledged(firstId);
                acknowledged.add(firstId);
                count("appends acknowledged");
            } catch (IOException e) {
                failed = true;
                count("appends failed: " + e.getClass().getSimpleName());
            }
        }
        assertThat(ran).as("seed %d: hooks that ran", seed).isEqualTo(acknowledged);
        if (failed) {
            reopen();
        }
    }

    private long answer(CompletableFuture<Long> future) throws Exception {
        long start = System.nanoTime();
        try {
            return future.get(bound.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException io) {
                throw io;
            }
            throw e;
        } catch (TimeoutException e) {
            throw new AssertionError("an append did not end within " + bound, e);
        } finally {
            longestNanos = Math.max(longestNanos, System.nanoTime() - start);
        }
    }

    private interface Call<T> {
        T call() throws IOException;
    }

    private <T> T within(String what, Call<T> call) throws IOException {
        long start = System.nanoTime();
        try {
            return call.call();
        } finally {
            long nanos = System.nanoTime() - start;
            longestNanos = Math.max(longestNanos, nanos);
            assertThat(nanos).as("nanoseconds to " + what).isLessThan(bound.toNanos());
        }
    }

    private void remove(String what, long id, boolean newest) throws Exception {
        if (id < -1) {
            return;
        }
        HistoryChecker.Removal removal = newest ? checker.truncating(id) : checker.trimming(id);
        change(what, removal, newest ? id : Long.MAX_VALUE, () -> {
            if (newest) {
                log.truncate(id);
            } else {
                log.trim(id);
            }
            return true;
        });
    }

    private void reset() throws Exception {
        long nextId = log.nextId() + random.nextInt(3);
        change("resets", checker.resetting(), -1, () -> {
            log.reset(nextId);
            return true;
        });
    }

    private void change(String what, HistoryChecker.Removal removal, long lastToKeep, Call<Boolean> call)
            throws Exception {
        long before = payloads;
        // Records that were trimmed earlier are not removed by this call, so a cursor behind them reports nothing.
        boolean heldLastReturned = following != null && log.firstId().orElse(Long.MAX_VALUE) <= following.lastReturned;
        try {
            within(what, call);
            removal.acknowledged();
            count(what);
            if (heldLastReturned && lastToKeep < following.lastReturned) {
                following.removalAtPayload = Math.min(following.removalAtPayload, before);
            }
        } catch (LogFencedException | LogFailedException e) {
            count(what + " failed: " + e.getClass().getSimpleName());
            reopen();
        }
    }

    private void takeOver() throws Exception {
        replacedHandles.add(log);
        log = open();
        count("takeovers");
        if (replacedHandles.size() > 2) {
            replacedHandles.remove(0).close();
        }
    }

    /** Checks that a replaced handle cannot change anything. */
    private void useReplacedHandle() throws Exception {
        if (replacedHandles.isEmpty()) {
            return;
        }
        Log replaced = replacedHandles.get(random.nextInt(replacedHandles.size()));
        List<ByteBuffer> batch = List.of(payload());
        HistoryChecker.Append append = checker.appending(batch);
        try {
            long id = within("append by a replaced handle", () -> replaced.appendAll(batch));
            append.acknowledged(id);
            fail("a replaced handle has appended record " + id);
        } catch (LogFencedException e) {
            append.refused();
            count("replaced handles fenced");
        } catch (LogFailedException | TooFewBookiesException e) {
            append.refused();
            count("replaced handles failed");
        }
    }

    private void closeAndReopen() throws Exception {
        within("close", () -> {
            log.close();
            return true;
        });
        log = open();
        count("closed and reopened");
    }

    private void reopen() throws Exception {
        log.close();
        log = open();
        count("reopened after a failure");
    }

    private Log open() throws Exception {
        try {
            return within("open", world::open);
        } catch (CorruptLogException e) {
            throw e;
        } catch (IOException e) {
            count("failed openings");
        }
        world.calm();
        for (int tries = 0; ; tries++) {
            try {
                return within("open", world::open);
            } catch (CorruptLogException e) {
                throw e;
            } catch (IOException e) {
                if (tries == 5) {
                    throw e;
                }
            }
        }
    }

    private void readAll(Log from, String what) throws IOException {
        HistoryChecker.Reading reading = checker.reading();
        try (LogCursor cursor = from.cursor(0)) {
            while (within("next", cursor::next)) {
                reading.returned(cursor.record());
            }
            count(what);
        } catch (CorruptLogException e) {
            throw e;
        } catch (RecordsRemovedException e) {
            count(what + " ended by a removal");
        } catch (IOException e) {
            count(what + " failed");
        }
    }

    /** A read-only handle with a cursor that lives through many steps and owners. */
    private final class Following implements AutoCloseable {
        private final HistoryChecker.Reading reading = checker.reading();
        private final Log reader;
        private LogCursor cursor;
        private long lastReturned = -1;

        /**
         * Payload number of the first record appended after a removal of the last record returned. The cursor must
         * report the removal before it returns this record or a later one.
         */
        private long removalAtPayload = Long.MAX_VALUE;

        Following() throws IOException {
            reader = within("open to follow", world::openReadOnly);
            cursor = reader.cursor(0);
        }

        /** Reads to the end of the visible records. */
        void follow() throws IOException {
            while (within("follow", cursor::next)) {
                reading.returned(cursor.record());
                long id = cursor.id();
                assertThat(lastReturned == -1 || id == lastReturned + 1)
                        .as("seed %d: a follower returned record %d after record %d", seed, id, lastReturned)
                        .isTrue();
                assertThat(cursor.data().getLong(8))
                        .as(
                                "seed %d: record %d was returned before the removal that precedes it was reported",
                                seed, id)
                        .isLessThan(removalAtPayload);
                lastReturned = id;
                count("records followed");
            }
        }

        void startAgain() {
            cursor.close();
            cursor = reader.cursor(0);
            lastReturned = -1;
            removalAtPayload = Long.MAX_VALUE;
        }

        @Override
        public void close() throws IOException {
            reader.close();
        }
    }

    private void follow() throws IOException {
        try {
            if (following == null) {
                following = new Following();
            }
            following.follow();
            count("follows");
        } catch (CorruptLogException e) {
            throw e;
        } catch (RecordsRemovedException e) {
            count("removals reported to a follower");
            following.startAgain();
        } catch (IOException e) {
            count("follows failed");
        }
    }

    private void stopFollowing() throws IOException {
        if (following != null) {
            following.close();
            following = null;
        }
    }

    /** Takes the log over, so that no segment is open, and checks the records that it holds. */
    private void check() throws Exception {
        world.calm();
        int before = counts.getOrDefault("follows", 0);
        follow();
        if (counts.getOrDefault("follows", 0) == before) {
            stopFollowing(); // the follower must see the removed records before the checker forgets them
        }
        takeOver();
        List<HistoryFault> faults = checker.check(log);
        assertThat(faults).as("seed " + seed).isEmpty();
        count("checks");
    }

    private void count(String what) {
        counts.merge(what, 1, Integer::sum);
    }
}
