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
 * The entries of a node, in up to three logs, in such an order that they agree whenever the power fails.
 *
 * <p>The <b>entries</b> are the truth: an entry exists if and only if its record stands there. The <b>notes</b> say
 * where in the entries configurations may be found, and which reset was begun; the <b>pieces</b> hold what is too large
 * for a record. Each call of a log is durable when it returns and happens wholly or not at all, so what can be seen
 * after a crash is decided by the order of calls alone:
 *
 * <ul>
 *   <li>append: notes, then pieces, then entries. Between them there is a note too many, or pieces that nothing refers
 *       to: no entry is lost, and no entry is there of which the notes do not know.
 *   <li>cut of the prefix: entries, then notes, then pieces, so that nothing still there ever refers to something gone.
 *   <li>cut of the suffix: entries. The notes of what was cut stay and are found to be wrong, since what stands at
 *       their index is asked.
 *   <li>reset, the only change that takes two calls on the entries: a note that it will be done, the entries, a note
 *       that it was. Without the last, opening does it again, which is the same as doing it once.
 * </ul>
 *
 * <p><b>Full disk.</b> A log refuses an append with {@link DiskFullException}, and truncate, trim and reset work. So an
 * append here is refused, the cuts work, and a reset does without what it would have to append: see {@link #reset}.
 * After a refusal, for this or another reason ({@link CallRefusedException}), the storage stays usable.
 *
 * <p>Reading is safe from any thread; changes wait for each other.
 */
final class EntryLog {
    /** How many indexes in a row may be left out: fillers take their place. */
    static final int MOST_FILLERS = 1 << 16;

    // Not a monitor: I/O happens while it is held.
    private final ReentrantLock changing = new ReentrantLock();
    private final EntryCodec codec;
    private final Log entries;
    private final Notes notes;
    private final Pieces pieces;
    // The first index of the oldest refused append that nothing has replaced since. Guarded by changing.
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
            // The entries are made first, so this is no new storage.
            throw new IOException("the entries are missing: there is no segment in " + entriesPlace
                    + ", but there is one in " + notesPlace + " that was made after them. Acknowledged entries may be"
                    + " lost, so the storage was not opened. Put back the files that were taken away, and no older"
                    + " copy of them; or remove the node from its group, remove its log, its votes and its snapshots,"
                    + " and add it again");
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
     * The notes, where they are missing: there are no entries yet, or somebody removed the notes, which the entries
     * have all of.
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

    /** The index of the first entry; where there is none, that of the one that comes next. */
    long firstIndex() {
        OptionalLong first = entries.firstId();
        return first.isPresent() ? first.getAsLong() : entries.nextId();
    }

    /** The index of the last entry; 0 where there is none. */
    long lastIndex() {
        return entries.lastId().orElse(0);
    }

    /** An entry as the codec wrote it; empty where there is none. */
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
            throw new IOException("entry " + index + " is incomplete: of its " + inPieces.pieces() + " pieces from "
                    + inPieces.firstPiece() + " on some are missing, " + pieces + ". Restore that directory");
        }
        return encoded;
    }

    private Optional<byte[]> encoded(StoredEntry stored) throws IOException {
        if (stored instanceof StoredEntry.Whole whole) {
            return Optional.of(whole.encoded());
        }
        return stored instanceof StoredEntry.InPieces inPieces ? pieces.read(inPieces) : Optional.empty();
    }

    /** Where there are configurations, in order. */
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
     * Appends entries with rising indexes, by one synced write. Indexes left out are filled. If the first index exists
     * already, it and everything behind it is cut off first.
     *
     * @throws IllegalArgumentException if an index is below the first, indexes do not rise, or too many are left out;
     *     nothing was changed
     * @throws CallRefusedException if a log refused its part, or the entries before these were refused: a filler in
     *     their place would pass for a gap that the caller left. No entry was written, and the storage stays usable. If
     *     the first index existed, it may have been cut off
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

    /** The id of the first record that an append at this index writes, a filler perhaps. */
    private long start(long index) throws IOException {
        long next = entries.nextId();
        if (entries.firstId().isEmpty() && next == 1) {
            // A storage that was never written to begins anywhere.
            return index;
        }
        if (index < firstIndex()) {
            throw new IllegalArgumentException("index " + index + " is below the first index " + firstIndex()
                    + ": what stood there was cut off for good");
        }
        // What every append of a node does takes no look at the log: the last record is never a filler.
        return index >= next ? next : lastEntryBelow(index) + 1;
    }

    /**
     * The last entry below an index: fillers are never left at the end. If there is none, what stands before the first.
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
                        + ": indexes have to rise, and at most " + MOST_FILLERS + " may be left out");
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
     * Removes every entry with a smaller index, for good. The first index is {@code firstKept} then, also where nothing
     * is left.
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

    /** Removes every entry with a greater index, for good. */
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
     * Removes all entries but that at {@code nextIndex}; where there is none, a placeholder stands there afterwards.
     * All or nothing. On a full disk the entry or the placeholder may be missing afterwards: a node takes the log to
     * end before {@code nextIndex} and writes over it.
     */
    void reset(long nextIndex) throws IOException {
        changing.lock();
        try {
            if (beginReset(nextIndex)) {
                finishReset(nextIndex);
            } else {
                // One atomic call needs no note. The sync is for durability below power loss.
                entries.reset(nextIndex);
                entries.sync();
            }
            refusedFrom = Long.MAX_VALUE;
            forget();
        } finally {
            changing.unlock();
        }
    }

    /** Returns false if there is no room for the note. */
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
            // No refusal for the caller: what was appended now would be gone at the next opening.
            throw new IOException(
                    "the reset to " + nextIndex + " was begun and will be done at the next opening: " + e.getMessage(),
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
        // Below power loss the note that comes next is durable and the entries would not be.
        entries.sync();
    }

    /**
     * Does without on a full disk: what is left then is a log whose prefix was cut past its end, which a node knows.
     */
    private void appendPlaceholder(long index) throws IOException {
        try {
            entries.append(LogRecord.wrap(
                    index, StoredEntry.whole(codec.placeholder(index).bytes())));
        } catch (CallRefusedException e) {
            // The first index is right without it.
        }
    }

    private void forget() throws IOException {
        try {
            notes.forgetBelow(firstIndex());
            pieces.trimTo(notes.firstPieceInUse());
        } catch (CallRefusedException e) {
            // The cut is made: notes and pieces that nothing needs any more go with the next one.
        }
    }

    /** Closes all logs, whichever of them fail. Idempotent. */
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
