package dev.holdfast.wal;

/** Bytes of the log are damaged, or files of the log are missing. Nothing was skipped, removed or repaired. */
public final class CorruptLogException extends LogException {
    private static final long serialVersionUID = 1L;

    private final String file;
    private final long offset;
    private final long firstIdAtRisk;
    private final long lastIdAtRisk;

    /** Creates an exception with these figures. For the library and for other implementations of {@link Log}. */
    public CorruptLogException(String message, String file, long offset, long firstIdAtRisk, long lastIdAtRisk) {
        super(message);
        this.file = file;
        this.offset = offset;
        this.firstIdAtRisk = firstIdAtRisk;
        this.lastIdAtRisk = lastIdAtRisk;
    }

    /** Returns the name of the damaged or missing file within the log. */
    public String file() {
        return file;
    }

    /** Returns the offset in the file at which the damage begins, in bytes; 0 if the whole file is affected. */
    public long offset() {
        return offset;
    }

    /** Returns the id of the first record that may be lost. */
    public long firstIdAtRisk() {
        return firstIdAtRisk;
    }

    /** Returns the id of the last record that may be lost; {@code Long.MAX_VALUE} if that is unknown. */
    public long lastIdAtRisk() {
        return lastIdAtRisk;
    }
}
