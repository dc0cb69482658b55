package dev.holdfast.bench.child;

import dev.holdfast.bench.contender.Contender;
import dev.holdfast.bench.contender.Trims;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A thread that trims a log if the contender supports it. It trims each time a given number of records was appended,
 * and keeps as many records.
 */
final class Trimmer implements AutoCloseable {
    private static final long LOOK_EVERY_MILLIS = 2;

    private final Thread thread;
    private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
    private volatile boolean closing;

    /**
     * Starts the thread.
     *
     * @param appendedRecords returns the number of records appended since the log was opened
     * @param everyRecords records between two trims; 0 never trims
     */
    Trimmer(Contender contender, LongSupplier appendedRecords, long everyRecords, Runnable trimmed) {
        thread = new Thread(
                () -> {
                    if (everyRecords > 0 && contender instanceof Trims trims) {
                        run(trims, appendedRecords, everyRecords, trimmed);
                    }
                },
                "trimmer");
        thread.start();
    }

    private void run(Trims log, LongSupplier appendedRecords, long everyRecords, Runnable trimmed) {
        long next = everyRecords;
        try {
            while (!closing) {
                long appended = appendedRecords.getAsLong();
                if (appended >= next) {
                    log.trim(everyRecords);
                    trimmed.run();
                    next = appended + everyRecords;
                }
                TimeUnit.MILLISECONDS.sleep(LOOK_EVERY_MILLIS);
            }
        } catch (Exception e) {
            failure.set(e);
        }
    }

    @Override
    public void close() throws Exception {
        closing = true;
        thread.join();
        Exception cause = failure.get();
        if (cause != null) {
            throw cause;
        }
    }
}
