package dev.holdfast.bookkeeper;

import dev.holdfast.wal.Log;
import java.io.IOException;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;

/** A cluster in memory that fails at every step, in an order that the seed determines. */
final class FakeWorld implements ClusterHistory.World, AutoCloseable {
    static final Duration TIMEOUT = Duration.ofSeconds(4);

    final FakeMetadata metadata = new FakeMetadata();
    final FakeLedgers ledgers = new FakeLedgers();
    final String logName = "log";
    private final AtomicLong passedNanos = new AtomicLong();
    private final Random writers;
    private final BookKeeperLogOptions options = BookKeeperLogOptions.builder(
                    "zk+hierarchical://nowhere/ledgers", logName)
            .segmentBytes(64 << 10)
            .timeout(TIMEOUT)
            .build();

    FakeWorld() {
        this(1);
    }

    /**
     * Creates a cluster without a log.
     *
     * @param seed determines the random numbers of owners and logs
     */
    FakeWorld(long seed) {
        writers = new Random(seed);
    }

    /** Advances only the clocks of the owners. */
    void passTime(Duration time) {
        passedNanos.addAndGet(time.toNanos());
    }

    private long nanoTime() {
        return System.nanoTime() + passedNanos.get();
    }

    LogState state() throws Exception {
        return metadata.state(logName);
    }

    long removeLeftOverLedgers() throws IOException {
        return removeLeftOverLedgers(0, progress -> true).removed();
    }

    LeftOverProgress removeLeftOverLedgers(long fromLedgerId, Predicate<LeftOverProgress> goOn) throws IOException {
        return removeLeftOverLedgers(TIMEOUT, fromLedgerId, goOn);
    }

    LeftOverProgress removeLeftOverLedgers(Duration timeout, long fromLedgerId, Predicate<LeftOverProgress> goOn)
            throws IOException {
        return new Sweeper(metadata, ledgers, timeout).sweep(logName, fromLedgerId, goOn);
    }

    boolean delete() throws IOException {
        return delete(TIMEOUT);
    }

    /** Deletes the log with this timeout for each step. */
    boolean delete(Duration timeout) throws IOException {
        return new Deletion(metadata, ledgers, timeout).delete(logName, writers);
    }

    BookKeeperLogOptions options() {
        return options;
    }

    @Override
    public BookKeeperLog open() throws IOException {
        return open(options);
    }

    BookKeeperLog open(BookKeeperLogOptions with) throws IOException {
        return open(with, BookKeeperLog::thread);
    }

    BookKeeperLog open(BookKeeperLogOptions with, ThreadFactory threads) throws IOException {
        return BookKeeperLog.open(metadata, ledgers, with, writers, this::nanoTime, threads, null);
    }

    @Override
    public Log openReadOnly() throws IOException {
        return BookKeeperLog.openReadOnly(metadata, ledgers, options, null);
    }

    @Override
    public void disturb(Random random) {
        int kind = random.nextInt(100);
        if (kind < 25) {
            metadata.fail(FakeMetadata.Fault.LOST_BEFORE);
        } else if (kind < 50) {
            metadata.fail(FakeMetadata.Fault.LOST_AFTER);
        } else if (kind < 70) {
            ledgers.fail(random.nextInt(12), FakeLedgers.Fault.REFUSED);
        } else if (kind < 90) {
            ledgers.fail(random.nextInt(12), FakeLedgers.Fault.STORED_AND_REFUSED);
        } else if (kind < 92) {
            ledgers.fail(random.nextInt(12), FakeLedgers.Fault.STORED_WITHOUT_ANSWER);
        } else if (kind < 96) {
            ledgers.failRecoveries(1 + random.nextInt(3));
        } else {
            ledgers.bookies(random.nextBoolean() ? 2 : 5);
        }
    }

    @Override
    public void calm() {
        ledgers.bookies(5);
        metadata.down(false);
    }

    @Override
    public void close() {
        ledgers.close();
    }
}
