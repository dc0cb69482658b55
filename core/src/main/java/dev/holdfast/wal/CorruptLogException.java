package dev.holdfast.wal;

/** Bytes of the log are damaged, or files of it are missing. Nothing was skipped, cut or repaired. */
public final class CorruptLogException extends LogException {
    private static final long serialVersionUID = 1L;

    private final String file;
    private final long offset;
    private final long firstIdAtRisk;
    private final long lastIdAtRisk;

    /**
     * For the library and for other implementations of {@link Log}.
     *
     * @param file the file, as a name within the log
     * @param offset where in the file the damage begins, in bytes; 0 where a whole file is concerned
     * @param firstIdAtRisk the first record that may be lost
     * @param lastIdAtRisk the last record that may be lost; {@code Long.MAX_VALUE} where that is unknown
     */
    public CorruptLogException(String message, String file, long offset, long firstIdAtRisk, long lastIdAtRisk) {
        super(message);
        this.file = file;
        this.offset = offset;
        this.firstIdAtRisk = firstIdAtRisk;
        this.lastIdAtRisk = lastIdAtRisk;
    }

    /** The damaged or missing file, as a name within the log. */
    public String file() {
        return file;
    }

    /** Where in the file the damage begins, in bytes. */
    public long offset() {
        return offset;
    }

    /** The first record that may be lost. */
    public long firstIdAtRisk() {
        return firstIdAtRisk;
    }

    /** The last record that may be lost; {@code Long.MAX_VALUE} where that is unknown. */
    public long lastIdAtRisk() {
        return lastIdAtRisk;
    }
}
