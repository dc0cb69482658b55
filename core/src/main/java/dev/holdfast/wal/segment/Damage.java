package dev.holdfast.wal.segment;

import dev.holdfast.wal.CorruptLogException;

/**
 * Builds the exception for one damage. Its message says where the damage is, what was found, what that means, which
 * records are at risk, and what to do; it names only commands that exist. The parts are sentences or parts of one, and
 * are separated by spaces.
 */
public final class Damage {
    private final String file;
    private final long offset;
    private final StringBuilder message;
    private long firstId;
    private long lastId = Long.MAX_VALUE;

    private Damage(String file, long offset, String message) {
        this.file = file;
        this.offset = offset;
        this.message = new StringBuilder(message);
    }

    /** Begins with the place, and with what was found there and what was expected. */
    public static Damage at(String file, long offset, String found) {
        return new Damage(file, offset, file + " at byte " + offset + ": " + found + ".");
    }

    /** Begins with a missing segment of a log, and with the evidence that it is missing. */
    public static Damage missing(String log, String file, String evidence) {
        return new Damage(file, 0, log + ": the segment " + file + " is missing, " + evidence + ".");
    }

    public Damage means(String text) {
        message.append(' ').append(text);
        return this;
    }

    /** Names records, and says what the damage does to them. They are at risk. */
    public Damage records(long firstId, long lastId, String fate) {
        return records(firstId == lastId ? "ecord " + firstId : "ecords " + firstId + " to " + lastId, fate)
                .atRisk(firstId, lastId);
    }

    /** Names all records from an id on, and says what the damage does to them. They are at risk. */
    public Damage recordsFrom(long firstId, String fate) {
        return records("ecords from " + firstId + " on", fate).atRisk(firstId, Long.MAX_VALUE);
    }

    private Damage records(String range, String fate) {
        boolean beginsSentence = message.charAt(message.length() - 1) == '.';
        return means((beginsSentence ? "R" : "r") + range + " " + fate);
    }

    /** Sets the records at risk without naming them in the message. */
    public Damage atRisk(long firstId, long lastId) {
        this.firstId = firstId;
        this.lastId = lastId;
        return this;
    }

    /** Ends with the usual remedy: records from the first one at risk on can be dropped. */
    public CorruptLogException restoreOrDrop() {
        return restoreOrDrop(firstId);
    }

    /** Ends with the usual remedy, if records before {@code dropFrom} may be whole. */
    public CorruptLogException restoreOrDrop(long dropFrom) {
        return remedy("Restore the log from a copy, or " + drop(dropFrom));
    }

    /** Ends with a remedy that loses nothing. If it is impossible, records from the first one at risk on are lost. */
    public CorruptLogException remedyOrDrop(String remedy) {
        return remedy(remedy + " Otherwise " + drop(firstId));
    }

    public CorruptLogException remedy(String remedy) {
        return new CorruptLogException(means(remedy).message.toString(), file, offset, firstId, lastId);
    }

    private static String drop(long firstId) {
        return "run `holdfast repair <dir> --drop-from " + firstId + "` to see the cost of giving up record " + firstId
                + " and all later records.";
    }
}
