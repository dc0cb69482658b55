package dev.holdfast.wal;

/**
 * The {@link CommitHook} of an append threw an exception, which is the cause of this one. The records of the append are
 * committed and stay in the log, so the append must not be repeated. The log remains usable.
 */
public final class CommitHookException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final long firstId;

    /** Creates an exception. For the library and for other implementations of {@link Log}. */
    public CommitHookException(long firstId, Throwable cause) {
        this(firstId);
        initCause(cause);
        super.fillInStackTrace();
    }

    private CommitHookException(long firstId) {
        this.firstId = firstId;
    }

    /**
     * For the library. Creates an exception in advance, because there may be no memory when the exception is needed.
     * Its cause and its stack trace are set later.
     */
    public static CommitHookException madeInAdvance(long firstId) {
        return new CommitHookException(firstId);
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

    /** Does nothing before the cause is set, because filling in a stack trace takes longer than an append. */
    @Override
    @SuppressWarnings("UnsynchronizedOverridesSynchronized") // the method of the superclass takes the lock
    public Throwable fillInStackTrace() {
        return getCause() == null ? this : super.fillInStackTrace();
    }
}
