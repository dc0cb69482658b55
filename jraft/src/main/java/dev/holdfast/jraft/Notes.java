package dev.holdfast.jraft;

import dev.holdfast.wal.CallRefusedException;
import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogCursor;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.List;
import java.util.OptionalLong;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * The log of notes about entries. It has a few notes for each configuration, each large entry and each reset, so that
 * opening a log storage need not read all entries. Confined to one thread at a time.
 */
final class Notes {
    private record Noted(long id, Note note) {}

    private final Log log;
    private final ArrayDeque<Noted> noted = new ArrayDeque<>();

    private Notes(Log log) {
        this.log = log;
    }

    static Notes read(Log log) throws IOException {
        Notes notes = new Notes(log);
        try (LogCursor cursor = log.cursor(0)) {
            while (cursor.next()) {
                notes.noted.add(new Noted(cursor.id(), Note.decode(cursor.id(), cursor.data())));
            }
        }
        return notes;
    }

    /** Returns whether the first note exists. */
    boolean begun() {
        return log.nextId() > 1;
    }

    /** Appends notes durably, all of them or none. */
    void add(List<Note> notes) throws IOException {
        if (notes.isEmpty()) {
            return;
        }
        long id = log.appendAll(notes.stream().map(Note::encode).toList());
        for (Note note : notes) {
            noted.add(new Noted(id++, note));
        }
    }

    /** Returns the indexes that may hold configurations. */
    SortedSet<Long> configurations() {
        TreeSet<Long> indexes = new TreeSet<>();
        for (Noted each : noted) {
            if (each.note() instanceof Note.Configuration configuration) {
                indexes.add(configuration.index());
            }
        }
        return indexes;
    }

    /** Returns the {@code nextIndex} of a reset that was announced but is not yet done, or empty if there is none. */
    OptionalLong unfinishedReset() {
        OptionalLong reset = OptionalLong.empty();
        for (Noted each : noted) {
            if (each.note() instanceof Note.Reset begun) {
                reset = OptionalLong.of(begun.nextIndex());
            } else if (each.note() instanceof Note.ResetDone) {
                reset = OptionalLong.empty();
            }
        }
        return reset;
    }

    /**
     * Records, with a note, that the last announced reset is done. The note that announced the reset must be the newest
     * note. If the new note is refused, for example on a full disk, removes the announcement instead, which needs no
     * disk space. Otherwise the next opening would repeat the reset and remove the entries appended since.
     */
    void endReset() throws IOException {
        try {
            add(List.of(new Note.ResetDone()));
        } catch (CallRefusedException e) {
            log.truncate(noted.getLast().id() - 1);
            noted.removeLast();
        }
    }

    /** Returns the first piece that an entry with a note may still need, or empty if there is no note about pieces. */
    OptionalLong firstPieceInUse() {
        return noted.stream()
                .map(Noted::note)
                .filter(Note.Pieces.class::isInstance)
                .mapToLong(note -> ((Note.Pieces) note).firstPiece())
                .min();
    }

    /**
     * Removes the oldest notes, up to the first note about an index at or above {@code firstIndex}. That note, and all
     * younger notes, stay until the first index has passed its index, even if its entry was removed by a truncation.
     */
    void forgetBelow(long firstIndex) throws IOException {
        if (unfinishedReset().isPresent()) {
            return;
        }
        long forgotten = -1;
        while (!noted.isEmpty() && isPast(noted.getFirst().note(), firstIndex)) {
            forgotten = noted.removeFirst().id();
        }
        if (forgotten >= 0) {
            log.trim(forgotten);
        }
    }

    private static boolean isPast(Note note, long firstIndex) {
        if (note instanceof Note.Configuration configuration) {
            return configuration.index() < firstIndex;
        }
        if (note instanceof Note.Pieces pieces) {
            return pieces.index() < firstIndex;
        }
        return true;
    }

    void close() throws IOException {
        log.close();
    }

    @Override
    public String toString() {
        return noted.size() + " notes in " + log;
    }
}
