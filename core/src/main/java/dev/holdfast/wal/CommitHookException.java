package dev.holdfast.wal;

/**
 * The {@link CommitHook} of an append threw an exception, which is the cause of this one. The records of the append are
 * committed and stay in the log, so the append must not be repeated. The log remains usable.
 */
public sealed class CommitHookException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final long firstId;

    /** For the library and for other implementations of {@link Log}. */
    public CommitHookException(long firstId, Throwable cause) {
        this(firstId);
        initCause(cause);
    }

    private CommitHookException(long firstId) {
        this.firstId = firstId;
    }

    /**
     * For the library: an exception that is made while there is memory, in case there is none when it is needed. It has
     * no stack trace and no cause yet.
     */
    public static CommitHookException madeInAdvance(long firstId) {
        return new MadeInAdvance(firstId);
    }

    /** Returns the id of the first record of the append. */
    public long firstId() {
        return firstId;
    }

    @Override
    public String getMessage() {
        return "the commit hook of record " + firstId + " threw " + getCause()
                + ". The records of its append are committed and stay in the log; do not append them again.";
    }

    private static final class MadeInAdvance extends CommitHookException {
        private static final long serialVersionUID = 1L;

        MadeInAdvance(long firstId) {
            super(firstId);
        }

        @Override
        @SuppressWarnings("UnsynchronizedOverridesSynchronized") // it does nothing
        public Throwable fillInStackTrace() {
            return this;
        }
    }
}
