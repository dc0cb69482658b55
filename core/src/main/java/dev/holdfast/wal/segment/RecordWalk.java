package dev.holdfast.wal.segment;

import dev.holdfast.wal.CorruptLogException;
import dev.holdfast.wal.format.GroupKind;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Walks over the records of one segment that are known to exist, because they were acknowledged or found intact before.
 * A missing or broken record is therefore damage. Verifies every byte that it returns; moving allocates nothing. Not
 * thread-safe.
 */
public final class RecordWalk {
    private final Segment segment;
    private final GroupReader reader;
    private final long last;

    /**
     * Creates a walk whose first {@link #next} moves to record {@code first}; {@code last}, the segment's last existing
     * id, is for messages. The buffer must look at the segment's file; nothing else may use it during the walk.
     */
    public RecordWalk(Segment segment, long first, long last, ReadBuffer buffer) throws IOException {
        this.segment = segment;
        this.reader = new GroupReader(segment.header(), buffer);
        this.last = last;
        seek(first);
    }

    /** Returns a reader at record {@code id}, the last live record of a segment. Releases the segment's file again. */
    public static GroupReader to(Segment segment, long id, ReadBuffer buffer) throws IOException {
        buffer.look(segment.acquire(), segment.header().fileLength());
        try {
            RecordWalk walk = new RecordWalk(segment, id, id, buffer);
            walk.next();
            return walk.record();
        } finally {
            segment.release();
        }
    }

    private void seek(long first) throws IOException {
        SegmentIndex index = segment.index();
        int entry = index.floor(first - segment.baseId());
        if (entry >= 0) {
            long offset = index.groupOffset(entry);
            long indexed = segment.baseId() + index.idDelta(entry);
            check(offset, reader.enterAt(offset, indexed, index.frameOffset(entry)));
        }
        while (reader.id() + 1 < first) {
            if (reader.framesLeft() == 0) {
                enterNextGroup();
            }
            if (reader.id() + reader.framesLeft() < first) {
                reader.skipGroup();
            } else {
                skip();
            }
        }
    }

    public void next() throws IOException {
        if (reader.framesLeft() == 0) {
            enterNextGroup();
        }
        long first = reader.id() + 1;
        if (!reader.next()) {
            String fault = reader.fault();
            throw damaged(reader.nextFrame(), fault, first, reader.isLengthRight() ? first : lastHidden(first));
        }
        if (reader.framesLeft() == 0 && !reader.isComplete()) {
            throw damaged(reader.frame(), "the records of a group do not fill it", first, lastHidden(first));
        }
    }

    /**
     * Skips one record, which is verified: with a flipped bit in its length, a wrong record would later pass for the
     * wanted one.
     */
    private void skip() throws IOException {
        try {
            next();
        } catch (CorruptLogException damage) {
            if (!reader.isLengthRight()) throw damage;
            reader.skip();
        }
    }

    private void enterNextGroup() throws IOException {
        do {
            long offset = reader.nextGroup();
            check(offset, reader.enter(offset, reader.id()));
        } while (reader.group().kind() != GroupKind.RECORDS);
    }

    private void check(long offset, @Nullable String fault) throws CorruptLogException {
        if (fault != null) {
            long first = reader.id() + 1;
            throw damaged(offset, fault, first, lastHidden(first));
        }
    }

    /**
     * Returns the last record that damage to record {@code first} makes unreadable. A damaged frame hides the rest of
     * its group; a damaged group hides the records up to the next index entry.
     */
    private long lastHidden(long first) {
        SegmentIndex index = segment.index();
        int next = index.floor(first - segment.baseId()) + 1;
        long hidden = last;
        if (reader.framesLeft() > 0) {
            hidden = Math.min(hidden, reader.id() + reader.framesLeft());
        } else if (next < index.entries()) {
            hidden = Math.min(hidden, segment.baseId() + index.idDelta(next) - 1);
        }
        return Math.max(first, hidden);
    }

    private CorruptLogException damaged(long offset, String found, long first, long lost) {
        String stored = "Record " + first + " had been stored, so bytes of this file are damaged;";
        return Damage.at(segment.fileName(), offset, found)
                .means(first == lost ? stored : stored + " at most")
                .records(first, lost, "may be lost.")
                .restoreOrDrop();
    }

    /** Returns the reader, which is at the current record. Only the walk may move it. */
    public GroupReader record() {
        return reader;
    }
}
