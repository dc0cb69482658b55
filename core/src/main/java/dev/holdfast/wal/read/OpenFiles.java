package dev.holdfast.wal.read;

import dev.holdfast.wal.segment.Segment;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the files of up to 16 segments open between reads of single records. A segment's epoch selects its place.
 * Thread-safe.
 */
final class OpenFiles {
    private static final int MOST = 16;

    private final AtomicReferenceArray<Segment> kept = new AtomicReferenceArray<>(MOST);
    private volatile boolean closed;

    /**
     * Keeps the file of a segment open. The caller has the file open now. Another segment's file may be closed in
     * exchange.
     */
    void keep(Segment segment) {
        int place = (int) (segment.header().epoch() % MOST);
        if (kept.getPlain(place) == segment) {
            return;
        }
        segment.keepOpen();
        letClose(place, segment);
        if (closed) {
            segment.letClose();
        }
    }

    private void letClose(int place, @Nullable Segment successor) {
        Segment before = kept.getAndSet(place, successor);
        if (before != null && before != successor) {
            before.letClose();
        }
    }

    void close() {
        closed = true;
        for (int place = 0; place < MOST; place++) {
            letClose(place, null);
        }
    }
}
