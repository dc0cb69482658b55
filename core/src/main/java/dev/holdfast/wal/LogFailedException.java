package dev.holdfast.wal;

import org.jspecify.annotations.Nullable;

/**
 * A write or a sync of the log failed, so it is unknown which bytes are on the disk. The log accepts no more appends.
 * Reopening it determines whether the records of the failed call are in the log. Acknowledged records stay readable.
 */
public sealed class LogFailedException extends LogException {
    private static final long serialVersionUID = 1L;

    /** Creates an exception. For the library and for other implementations of {@link Log}. */
    public LogFailedException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** For the library. Creates an exception in advance, as there may be no memory when the exception is needed. */
    public static LogFailedException madeInAdvance(String message) {
        return new MadeInAdvance(message);
    }

    /** Has no stack trace, because a trace would keep the class loaders of the thread that opens the log in memory. */
    private static final class MadeInAdvance extends LogFailedException {
        private static final long serialVersionUID = 1L;

        MadeInAdvance(String message) {
            super(message, null);
        }

        @Override
        @SuppressWarnings("UnsynchronizedOverridesSynchronized") // it does nothing
        public Throwable fillInStackTrace() {
            return this;
        }
    }
}
