package dev.holdfast.wal.read;

import dev.holdfast.wal.segment.Segment;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/** Keeps up to 16 files open between reads of single records. Thread-safe. */
final class OpenFiles {
    private static final int MOST = 16;

    private final AtomicReferenceArray<Segment> kept = new AtomicReferenceArray<>(MOST);
    private volatile boolean closed;

    /** Keeps a segment's file open after a read. The caller must have the file open. May close another file. */
    void keep(Segment segment) {
        int place = (int) (segment.header().epoch() % MOST);
        if (kept.getPlain(place) == segment) return;
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
