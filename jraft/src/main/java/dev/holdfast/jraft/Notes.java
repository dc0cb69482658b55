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
 * The log of notes, and what stands in it: a few notes for each configuration, each large entry and each reset, so that
 * opening a storage need not read all of its entries. Used by one thread at a time.
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

    /** Whether the first note was ever made. */
    boolean begun() {
        return log.nextId() > 1;
    }

    /** Makes notes durable, all of them or none. */
    void add(List<Note> notes) throws IOException {
        if (notes.isEmpty()) {
            return;
        }
        long id = log.appendAll(notes.stream().map(Note::encode).toList());
        for (Note note : notes) {
            noted.add(new Noted(id++, note));
        }
    }

    /** Where there may be configurations. */
    SortedSet<Long> configurations() {
        TreeSet<Long> indexes = new TreeSet<>();
        for (Noted each : noted) {
            if (each.note() instanceof Note.Configuration configuration) {
                indexes.add(configuration.index());
            }
        }
        return indexes;
    }

    /** The reset that was announced and of which nobody knows how far it came. */
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
     * Notes that the reset, whose note is the newest one, is done. If that is refused, removes the note of the reset,
     * which says the same and works on a full disk: with the note left in place the next opening would reset entries
     * that were appended since.
     */
    void endReset() throws IOException {
        try {
            add(List.of(new Note.ResetDone()));
        } catch (CallRefusedException e) {
            log.truncate(noted.getLast().id() - 1);
            noted.removeLast();
        }
    }

    /** The first piece that any noted entry may need; empty where none needs one. */
    OptionalLong firstPieceInUse() {
        return noted.stream()
                .map(Noted::note)
                .filter(Note.Pieces.class::isInstance)
                .mapToLong(note -> ((Note.Pieces) note).firstPiece())
                .min();
    }

    /**
     * Lets go of the oldest notes as long as they speak of indexes below {@code firstIndex}. One that was made before
     * the end of the log was cut may stand in the way of younger ones: it goes when the first index has passed it.
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
