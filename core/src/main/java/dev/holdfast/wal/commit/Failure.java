package dev.holdfast.wal.commit;

import dev.holdfast.wal.LogFailedException;
import dev.holdfast.wal.LogFilesChangedException;
import dev.holdfast.wal.catalog.CatalogHolder;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The failure of a log. The first failure is final: nothing is written again, because it is unknown which bytes of the
 * last write are on the disk.
 */
final class Failure {
    private final String logName;
    private final Tail tail;
    private final CatalogHolder published;
    private volatile @Nullable IOException first;

    // Created in advance, because there may be no memory or no stack for it later.
    private final LogFailedException withoutMemory = LogFailedException.madeInAdvance(
            "out of memory while writing; the log takes no appends until it is reopened");

    Failure(String logName, Tail tail, CatalogHolder published) {
        this.logName = logName;
        this.tail = tail;
        this.published = published;
    }

    /** Returns the failure, or null if the log has not failed. */
    @Nullable
    IOException get() {
        return first;
    }

    void throwIfFailed() throws IOException {
        IOException failed = first;
        if (failed != null) throw failed;
    }

    /** Fails the log, unless it has failed before. Returns the failure. */
    IOException fail(Throwable cause) {
        IOException failed = first;
        if (failed == null) {
            failed = of(cause);
            first = failed; // seam: queue-failure
            tail.failed();
        }
        return failed;
    }

    /** Fails the log without allocating anything, unless it has failed before. */
    void failWithoutMemory() {
        first = first == null ? withoutMemory : first;
    }

    private LogFailedException of(Throwable cause) {
        try {
            return new LogFailedException(
                    cause instanceof LogFilesChangedException
                            ? logName + ": takes no appends until it is reopened. " + cause.getMessage()
                            : logName + ": a write or sync failed (" + cause
                                    + "). Its bytes may be on the disk or not. The log takes no appends until it is "
                                    + "reopened, and opening decides. Records up to "
                                    + published.catalog().lastId() + " stay readable.",
                    cause);
        } catch (OutOfMemoryError | StackOverflowError e) {
            return withoutMemory;
        }
    }
}
