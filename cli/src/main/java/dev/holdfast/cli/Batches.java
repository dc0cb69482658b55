package dev.holdfast.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/** Records in batches of a fixed number; the last batch has what is left. A gap in the ids ends a batch early. */
final class Batches implements RecordSource {
    private final RecordSource source;
    private final int size;
    private List<ByteBuffer> pending = new ArrayList<>();
    private OptionalLong pendingId = OptionalLong.empty();
    private OptionalLong firstId = OptionalLong.empty();
    private boolean ended;

    Batches(RecordSource source, int size) {
        this.source = source;
        this.size = size;
    }

    @Override
    public OptionalLong firstId() {
        return firstId;
    }

    @Override
    public List<ByteBuffer> next() throws IOException {
        while (pending.size() < size && !ended && fill()) {
            // until there are enough
        }
        int count = Math.min(size, pending.size());
        List<ByteBuffer> batch = new ArrayList<>(pending.subList(0, count));
        firstId = pendingId;
        pending = new ArrayList<>(pending.subList(count, pending.size()));
        pendingId = after(pendingId, count);
        return batch;
    }

    /** Adds what comes next; false where that does not follow what there is, or where there is nothing. */
    private boolean fill() throws IOException {
        List<ByteBuffer> more = source.next();
        ended = more.isEmpty();
        OptionalLong id = source.firstId();
        if (pending.isEmpty()) {
            pendingId = id;
        } else if (id.isPresent() && !id.equals(after(pendingId, pending.size()))) {
            throw new IOException(
                    "record " + id.getAsLong() + " does not follow the one before it in the input, within one batch");
        }
        for (ByteBuffer record : more) {
            // The view is valid until the source is asked for more.
            pending.add(ByteBuffer.allocate(record.remaining()).put(record).flip());
        }
        return !ended;
    }

    private static OptionalLong after(OptionalLong first, int count) {
        return first.isPresent() ? OptionalLong.of(first.getAsLong() + count) : first;
    }
}
