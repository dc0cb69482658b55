package dev.holdfast.jraft;

import dev.holdfast.wal.CallRefusedException;
import dev.holdfast.wal.DiskFullException;
import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogCursor;
import dev.holdfast.wal.LogRecord;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedSet;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The entries of a node, in up to three logs. The order of the writes keeps these logs consistent with each other, no
 * matter when the power fails.
 *
 * <p>The log of <b>entries</b> is authoritative: an entry exists if and only if its record is in that log. The
 * <b>notes</b> list the indexes that may hold configurations, and announce resets. The <b>pieces</b> hold entries that
 * are too large for a record. Each call of a log is atomic, and durable when it returns. The possible states after a
 * crash therefore depend only on the order of the calls:
 *
 * <ul>
 *   <li>append: notes, then pieces, then entries. A crash in between leaves a superfluous note, or pieces without an
 *       entry. No entry is lost, and no entry lacks its note.
 *   <li>truncate the prefix: entries, then notes, then pieces. Nothing that remains refers to something removed.
 *   <li>truncate the suffix: entries only. The notes of the removed entries stay. They do no harm, because a note is
 *       always checked against the entry at its index.
 *   <li>reset: a note that announces the reset, the entries, a note that the reset is done. A reset is the only change
 *       that needs two calls of the log of entries. If the last note is missing, opening repeats the reset, which is
 *       idempotent.
 * </ul>
 *
 * <p><b>Full disk.</b> A log refuses an append with {@link DiskFullException}, but truncate, trim and reset work.
 * Therefore an append of entries is refused, both truncations work, and a reset omits its appends: see {@link #reset}.
 * After a refusal, for this or another reason ({@link CallRefusedException}), the storage remains usable.
 *
 * <p>Any thread may read. Changes exclude each other.
 */
final class EntryLog {
    /**
     * Maximum number of consecutive indexes that an append may skip. At each skipped index, a filler is stored: a
     * record without an entry.
     */
    static final int MOST_FILLERS = 1 << 16;

    // A lock and not a monitor, because I/O happens while it is held.
    private final ReentrantLock changing = new ReentrantLock();
    private final EntryCodec codec;
    private final Log entries;
    private final Notes notes;
    private final Pieces pieces;
    // First index of the oldest refused append that no later append has replaced. Guarded by {@code changing}.
    private long refusedFrom = Long.MAX_VALUE;

    private EntryLog(EntryCodec codec, Log entries, Notes notes, Pieces pieces) {
        this.codec = codec;
        this.entries = entries;
        this.notes = notes;
        this.pieces = pieces;
    }

    static EntryLog open(LogPlace entriesPlace, LogPlace notesPlace, LogPlace piecesPlace, EntryCodec codec)
            throws IOException {
        if (notesPlace.exists() && !entriesPlace.exists()) {
            // The entries are created first, so this is not a new storage.
            throw new IOException("the entries are missing: there is no segment in " + entriesPlace
                    + ", but there is one in " + notesPlace
                    + " that was created after them. Acknowledged entries may be lost, so the storage was not "
                    + "opened. Put back the missing files, but no older copy of them. Or remove the node "
                    + "from its group, delete its log, its votes and its snapshots, and add it again");
        }
        List<AutoCloseable> opened = new ArrayList<>();
        try {
            Log entries = entriesPlace.open();
            opened.add(entries);
            Log notesLog = notesPlace.open();
            opened.add(notesLog);
            Pieces pieces = Pieces.open(piecesPlace);
            opened.add(pieces::close);
            EntryLog log = new EntryLog(codec, entries, Notes.read(notesLog), pieces);
            log.finishWhatWasBegun();
            return log;
        } catch (IOException | RuntimeException | Error e) {
            for (AutoCloseable each : opened) {
                try {
                    each.close();
                } catch (Exception suppressed) {
                    e.addSuppressed(suppressed);
                }
            }
            throw e;
        }
    }

    private void finishWhatWasBegun() throws IOException {
        if (!notes.begun()) {
            notes.add(notesOfAllEntries());
        }
        OptionalLong reset = notes.unfinishedReset();
        if (reset.isPresent()) {
            finishReset(reset.getAsLong());
        }
    }

    /**
     * Builds the notes of all entries, by reading every entry. Called if there are no notes, because there are no
     * entries yet or the notes were deleted.
     */
    private List<Note> notesOfAllEntries() throws IOException {
        List<Note> all = new ArrayList<>();
        all.add(new Note.Begin());
        try (LogCursor cursor = entries.cursor(0)) {
            while (cursor.next()) {
                long index = cursor.id();
                StoredEntry stored = StoredEntry.of(index, cursor.data());
                if (stored instanceof StoredEntry.InPieces inPieces) {
                    all.add(new Note.Pieces(index, inPieces.firstPiece()));
                }
                Optional<byte[]> encoded = encoded(stored);
                if (encoded.isPresent() && codec.isConfiguration(encoded.get())) {
                    all.add(new Note.Configuration(index));
                }
            }
        }
        return all;
    }

    /** Returns the index of the first entry or, if there are no entries, the index of the next entry. */
    long firstIndex() {
        OptionalLong first = entries.firstId();
        return first.isPresent() ? first.getAsLong() : entries.nextId();
    }

    /** Returns the index of the last entry, or 0 if there is none. */
    long lastIndex() {
        return entries.lastId().orElse(0);
    }

    /** Returns an encoded entry, or empty if there is none at this index. */
    Optional<byte[]> read(long index) throws IOException {
        if (index < 0) {
            return Optional.empty();
        }
        Optional<LogRecord> record = entries.read(index);
        if (record.isEmpty()) {
            return Optional.empty();
        }
        StoredEntry stored = StoredEntry.of(index, record.get().data());
        Optional<byte[]> encoded = encoded(stored);
        if (encoded.isEmpty()
                && stored instanceof StoredEntry.InPieces inPieces
                && entries.read(index).equals(record)) {
            throw new IOException(
                    "entry " + index + " is incomplete: some of its " + inPieces.pieces() + " pieces from "
                            + inPieces.firstPiece() + " on are missing, " + pieces + ". Restore that directory");
        }
        return encoded;
    }

    private Optional<byte[]> encoded(StoredEntry stored) throws IOException {
        if (stored instanceof StoredEntry.Whole whole) {
            return Optional.of(whole.encoded());
        }
        return stored instanceof StoredEntry.InPieces inPieces ? pieces.read(inPieces) : Optional.empty();
    }

    /** Returns the indexes of all configurations, in order. */
    List<Long> configurations() throws IOException {
        changing.lock();
        try {
            List<Long> found = new ArrayList<>();
            SortedSet<Long> candidates = notes.configurations();
            for (long index : candidates) {
                Optional<byte[]> encoded = read(index);
                if (encoded.isPresent() && codec.isConfiguration(encoded.get())) {
                    found.add(index);
                }
            }
            return found;
        } finally {
            changing.unlock();
        }
    }

    /**
     * Appends entries with rising indexes in one synced write. At each skipped index, a filler (a record without an
     * entry) is written. If there already is an entry at the first index, first removes that entry and all entries
     * after it.
     *
     * @throws IllegalArgumentException if an index is below the first index, the indexes do not rise, or too many are
     *     skipped; nothing was changed
     * @throws CallRefusedException if one of the logs refused to append, or if an earlier append, of entries before
     *     these, was refused and not repeated. Otherwise fillers would take the place of the refused entries, as if the
     *     caller had skipped their indexes. No entry was written, and the storage remains usable. Entries from the
     *     first index on may have been removed
     */
    void append(List<EncodedEntry> batch) throws IOException {
        if (batch.isEmpty()) {
            return;
        }
        changing.lock();
        try {
            long start = start(batch.get(0).index());
            List<Note> announced = new ArrayList<>();
            List<byte[]> large = new ArrayList<>();
            List<LogRecord> records = records(batch, start, announced, large);
            requireNoRefusedBefore(batch.get(0).index());
            notes.add(announced);
            for (byte[] encoded : large) {
                pieces.write(encoded);
            }
            if (entries.lastId().isPresent() && start <= entries.lastId().getAsLong()) {
                entries.truncate(start - 1);
            }
            entries.append(records);
            refusedFrom = Long.MAX_VALUE;
        } catch (CallRefusedException e) {
            refusedFrom = Math.min(refusedFrom, batch.get(0).index());
            throw e;
        } finally {
            changing.unlock();
        }
    }

    private void requireNoRefusedBefore(long index) throws CallRefusedException {
        if (index > refusedFrom && refusedFrom >= firstIndex()) {
            throw new CallRefusedException(
                    "entries from " + index + " on were refused, because those from " + refusedFrom
                            + " on were refused before them. Append from " + refusedFrom + " on again.",
                    null);
        }
    }

    /**
     * Returns the id of the first record that an append at this index writes. If the append has to write fillers before
     * its first entry, that record is a filler.
     */
    private long start(long index) throws IOException {
        long next = entries.nextId();
        if (entries.firstId().isEmpty() && next == 1) {
            // A storage that has never been written may begin at any index.
            return index;
        }
        if (index < firstIndex()) {
            throw new IllegalArgumentException("index " + index + " is below the first index " + firstIndex()
                    + ": the entries there were removed permanently");
        }
        // Nodes append at the next index, and for that case no record is read: the last record is never a filler.
        return index >= next ? next : lastEntryBelow(index) + 1;
    }

    /**
     * Returns the index of the last entry below an index, not counting fillers. If there is none, returns the index
     * before the first index. A truncation keeps records only up to this entry, because a log must not end with
     * fillers.
     */
    private long lastEntryBelow(long index) throws IOException {
        long last = index - 1;
        while (last >= firstIndex() && isFiller(last)) {
            last--;
        }
        return last;
    }

    private boolean isFiller(long index) throws IOException {
        Optional<LogRecord> record = entries.read(index);
        return record.isPresent() && StoredEntry.of(index, record.get().data()) instanceof StoredEntry.Filler;
    }

    private List<LogRecord> records(List<EncodedEntry> batch, long start, List<Note> announced, List<byte[]> large)
            throws IOException {
        List<LogRecord> records = new ArrayList<>(batch.size());
        long next = start;
        long piecesAhead = 0;
        for (EncodedEntry entry : batch) {
            long missing = entry.index() - next;
            if (missing < 0 || missing > MOST_FILLERS) {
                throw new IllegalArgumentException("index " + entry.index() + " follows " + (next - 1)
                        + ": indexes must rise, and at most " + MOST_FILLERS + " may be skipped");
            }
            for (; next < entry.index(); next++) {
                records.add(LogRecord.wrap(next, StoredEntry.filler()));
            }
            if (entry.configuration()) {
                announced.add(new Note.Configuration(next));
            }
            if (Pieces.needs(entry.bytes())) {
                StoredEntry.InPieces place = pieces.placeOf(entry.bytes(), piecesAhead);
                piecesAhead += place.pieces();
                announced.add(new Note.Pieces(next, place.firstPiece()));
                large.add(entry.bytes());
                records.add(LogRecord.wrap(next, StoredEntry.inPieces(place)));
            } else {
                records.add(LogRecord.wrap(next, StoredEntry.whole(entry.bytes())));
            }
            next++;
        }
        return records;
    }

    /**
     * Removes all entries below {@code firstKept} permanently. If {@code firstKept} is above the first index, it
     * becomes the first index, even if no entry is left.
     */
    void cutPrefix(long firstKept) throws IOException {
        changing.lock();
        try {
            if (firstKept > entries.nextId()) {
                entries.reset(firstKept);
            } else if (firstKept > firstIndex()) {
                entries.trim(firstKept - 1);
            } else {
                return;
            }
            forget();
        } finally {
            changing.unlock();
        }
    }

    /** Removes all entries above an index permanently. */
    void cutSuffix(long lastKept) throws IOException {
        changing.lock();
        try {
            if (lastKept < lastIndex()) {
                entries.truncate(Math.max(-1, lastEntryBelow(lastKept + 1)));
            }
        } finally {
            changing.unlock();
        }
    }

    /**
     * Removes all entries except the entry at {@code nextIndex}. If there is no entry at that index, stores a
     * placeholder there. The change is atomic.
     *
     * <p>On a full disk, the entry or the placeholder may be missing afterwards. The node then sees a log that ends
     * before {@code nextIndex}, and appends at that index again.
     */
    void reset(long nextIndex) throws IOException {
        changing.lock();
        try {
            if (beginReset(nextIndex)) {
                finishReset(nextIndex);
            } else {
                // One atomic call needs no note. The sync is needed for a durability below power loss.
                entries.reset(nextIndex);
                entries.sync();
            }
            refusedFrom = Long.MAX_VALUE;
            forget();
        } finally {
            changing.unlock();
        }
    }

    /** Announces a reset with a note. Returns whether the note was written; false if the disk has no room for it. */
    private boolean beginReset(long nextIndex) throws IOException {
        try {
            notes.add(List.of(new Note.Reset(nextIndex)));
            return true;
        } catch (DiskFullException e) {
            return false;
        }
    }

    private void finishReset(long nextIndex) throws IOException {
        try {
            resetEntries(nextIndex);
            notes.endReset();
        } catch (CallRefusedException e) {
            // Report a failure instead of a refusal: the next opening would remove everything appended
            // after a refusal.
            throw new IOException(
                    "the reset to " + nextIndex + " is incomplete and will be completed at the next opening: "
                            + e.getMessage(),
                    e);
        }
    }

    private void resetEntries(long nextIndex) throws IOException {
        if (read(nextIndex).isPresent()) {
            entries.truncate(nextIndex);
            entries.trim(nextIndex - 1);
        } else {
            entries.reset(nextIndex);
            appendPlaceholder(nextIndex);
        }
        // Below POWER_LOSS the entries are not yet durable, but the note that follows is.
        entries.sync();
    }

    /**
     * Appends the placeholder, or omits it if the append is refused, for example on a full disk. Without the
     * placeholder, the log is empty and has the right next index, as after a truncation of the prefix beyond the last
     * entry. Nodes can handle such a log.
     */
    private void appendPlaceholder(long index) throws IOException {
        try {
            entries.append(LogRecord.wrap(
                    index, StoredEntry.whole(codec.placeholder(index).bytes())));
        } catch (CallRefusedException e) {
            // The first index is correct without the placeholder.
        }
    }

    private void forget() throws IOException {
        try {
            notes.forgetBelow(firstIndex());
            pieces.trimTo(notes.firstPieceInUse());
        } catch (CallRefusedException e) {
            // The entries are already removed. The next truncation removes the notes and pieces that
            // are no longer needed.
        }
    }

    /** Closes all logs, even if closing one of them fails. Idempotent. */
    void close() throws IOException {
        changing.lock();
        try {
            try {
                entries.close();
            } finally {
                try {
                    notes.close();
                } finally {
                    pieces.close();
                }
            }
        } finally {
            changing.unlock();
        }
    }

    @Override
    public String toString() {
        return "entries in " + entries + "; " + notes + "; " + pieces;
    }
}
