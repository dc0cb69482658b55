package dev.holdfast.wal.inspect;

import dev.holdfast.wal.CorruptLogException;
import dev.holdfast.wal.format.GroupKind;
import dev.holdfast.wal.format.Layout;
import dev.holdfast.wal.segment.Damage;
import dev.holdfast.wal.segment.GroupReader;
import dev.holdfast.wal.segment.ReadBuffer;
import dev.holdfast.wal.segment.Segment;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.LongConsumer;

/**
 * Reads every group and frame of a segment that must hold records up to a known id, and reports all damage. After a
 * broken group header, the verifier searches for the next valid group header. After a broken frame whose length may be
 * wrong, it continues with the next group. It never repairs damage. Not thread-safe.
 */
public final class SegmentVerifier {
    private final Segment segment;
    private final ReadBuffer buffer = new ReadBuffer();
    private final GroupReader reader;
    private final List<CorruptLogException> damages = new ArrayList<>();
    private final long endOffset;
    private final long nextId;
    private final LongConsumer bytesRead;
    private final boolean endIsKnown;
    private long toldOffset = Layout.HEADER_BYTES;
    private long offset = Layout.HEADER_BYTES;
    private long id;

    /**
     * Creates a verifier.
     *
     * @param end offset of the end of the segment's groups, or of its last live frame. If empty, the segment is a tail
     *     (newest segment) whose end is unknown, and the verifier stops after record {@code nextId - 1}
     * @param nextId the id after the segment's last record
     * @param bytesRead is called from time to time with the number of bytes that were read since its previous call
     */
    public SegmentVerifier(Segment segment, OptionalLong end, long nextId, LongConsumer bytesRead) {
        this.segment = segment;
        this.endIsKnown = end.isPresent();
        this.reader = new GroupReader(segment.header(), buffer);
        this.endOffset = end.orElse(Layout.groupsEnd(segment.header().fileLength()));
        this.nextId = nextId;
        this.bytesRead = bytesRead;
        this.id = segment.baseId();
    }

    /** Reads the segment and returns all damage in order of the offsets. */
    public List<CorruptLogException> run() throws IOException {
        buffer.widen();
        buffer.look(segment.acquire(), segment.header().fileLength());
        try {
            while (isBeforeEnd()) {
                passGroup();
                tell();
            }
            if (id < nextId) {
                damage(offset, "the groups of the segment end before record " + id, nextId);
            }
            return damages;
        } finally {
            segment.release();
        }
    }

    private boolean isBeforeEnd() {
        boolean groupMayFollow = endIsKnown && offset + Layout.GROUP_HEADER_BYTES <= endOffset;
        return offset < endOffset && (groupMayFollow || id < nextId);
    }

    private void tell() {
        long passed = Math.min(offset, endOffset) - toldOffset;
        if (passed >= Layout.CHUNK_BYTES || offset >= endOffset) {
            bytesRead.accept(passed);
            toldOffset += passed;
        }
    }

    private void passGroup() throws IOException {
        if (reader.enter(offset, id - 1) != null) {
            resume();
        } else {
            if (reader.group().kind() == GroupKind.RECORDS) {
                passFrames();
            }
            offset = reader.nextGroup();
        }
    }

    /**
     * Searches for the next valid group header that can follow the last record read. Reports the bytes before it as
     * damage, and continues at that group.
     */
    private void resume() throws IOException {
        long from = offset;
        for (long at = from + Layout.ALIGNMENT; at + Layout.GROUP_HEADER_BYTES <= endOffset; at += Layout.ALIGNMENT) {
            if (reader.read(at)
                    && reader.group().kind() != GroupKind.FOOTER
                    && reader.group().firstId() >= id
                    && reader.group().firstId() <= nextId) {
                String found = "no group begins here; the next one begins at byte " + at;
                damage(from, found, reader.group().firstId());
                offset = at;
                return;
            }
        }
        damage(from, "no group begins here or later", nextId);
        offset = endOffset;
    }

    /**
     * Checks the frames of a group and reports broken frames. If the frames, each with its stated length, fill the
     * group exactly, all lengths are right, and a broken frame makes only its own record unreadable. Otherwise the
     * start of the frame after a broken frame is unknown.
     */
    private void passFrames() throws IOException {
        long last = id + reader.framesLeft() - 1;
        NavigableMap<Long, Long> broken = new TreeMap<>();
        while (reader.framesLeft() > 0 && reader.fits() && (reader.id() + 1 < nextId || !broken.isEmpty())) {
            if (!reader.next()) {
                broken.put(reader.id() + 1, reader.nextFrame());
                reader.skip();
            }
        }
        boolean isRead = reader.framesLeft() == 0 && broken.isEmpty();
        boolean fits = isRead ? reader.isComplete() : reader.fits();
        long resumesAt = Math.min(last + 1, nextId);
        for (Map.Entry<Long, Long> one : broken.headMap(resumesAt).entrySet()) {
            id = one.getKey();
            String found = "the frame of record " + id + " is not whole";
            if (fits || id + 1 == resumesAt) {
                damage(one.getValue(), found, id + 1);
            } else {
                damages.add(Damage.at(segment.fileName(), one.getValue(), found)
                        .means("Its length may be damaged, so at most")
                        .records(id, resumesAt - 1, "can no longer be read.")
                        .restoreOrDrop());
                id = resumesAt;
            }
            if (!fits) {
                return;
            }
        }
        id = resumesAt;
        if (!fits) {
            damage(reader.nextFrame(), "the records of a group do not fill it", id);
        }
    }

    /** Reports damage to the records from {@link #id} to {@code resumesAt - 1} and continues at {@code resumesAt}. */
    private void damage(long at, String found, long resumesAt) {
        Damage damage = Damage.at(segment.fileName(), at, found);
        damage = resumesAt == id
                ? damage.atRisk(id, id)
                        .means("No record is lost, but stored bytes are damaged, and a reader may stop at them.")
                : damage.records(id, resumesAt - 1, "had been stored and can no longer be read.");
        damages.add(damage.restoreOrDrop());
        id = resumesAt;
    }
}
