package dev.holdfast.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * Groups the records of a source into batches of a fixed size. The last batch holds the remaining records. A gap in the
 * ids within a batch is an error.
 */
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
            // Read until the batch is full.
        }
        int count = Math.min(size, pending.size());
        List<ByteBuffer> batch = new ArrayList<>(pending.subList(0, count));
        firstId = pendingId;
        pending = new ArrayList<>(pending.subList(count, pending.size()));
        pendingId = after(pendingId, count);
        return batch;
    }

    /**
     * Reads more records from the source.
     *
     * @return whether there may be more; false at the end of the input
     * @throws IOException if the id of the next record does not follow the pending records
     */
    private boolean fill() throws IOException {
        List<ByteBuffer> more = source.next();
        ended = more.isEmpty();
        OptionalLong id = source.firstId();
        if (pending.isEmpty()) {
            pendingId = id;
        } else if (id.isPresent() && !id.equals(after(pendingId, pending.size()))) {
            throw new IOException("record " + id.getAsLong()
                    + " does not follow the record before it, but the ids of a batch must be consecutive");
        }
        for (ByteBuffer record : more) {
            // The source reuses the buffer at the next call, so copy it.
            pending.add(ByteBuffer.allocate(record.remaining()).put(record).flip());
        }
        return !ended;
    }

    private static OptionalLong after(OptionalLong first, int count) {
        return first.isPresent() ? OptionalLong.of(first.getAsLong() + count) : first;
    }
}
