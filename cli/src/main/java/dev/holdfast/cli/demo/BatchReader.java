package dev.holdfast.cli.demo;

import dev.holdfast.cli.demo.Verdict.Placed;
import dev.holdfast.wal.LogRecord;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/** Assembles the records of a log into whole batches, or describes the first error. Does no I/O. */
final class BatchReader {
    private final BatchContent content;
    private final List<Placed> batches = new ArrayList<>();
    /** The expected remaining records of the current batch. */
    private Iterator<byte[]> rest = List.<byte[]>of().iterator();

    private long nextId = 1;

    BatchReader(BatchContent content) {
        this.content = content;
    }

    /** Returns the batches read so far, in log order. The last one may be incomplete. */
    List<Placed> batches() {
        return batches;
    }

    /** Reads all records. Returns the first error as one sentence, or empty if the records are whole batches. */
    Optional<String> read(Iterator<LogRecord> records) {
        Optional<String> wrong = Optional.empty();
        while (records.hasNext() && wrong.isEmpty()) {
            wrong = read(records.next());
        }
        if (wrong.isEmpty() && rest.hasNext()) {
            return Optional.of("half a batch: the log ends at record " + (nextId - 1) + ", inside " + last().batch());
        }
        return wrong;
    }

    private Optional<String> read(LogRecord record) {
        if (record.id() != nextId) {
            return Optional.of("gap: record " + nextId + " is missing, record " + record.id() + " follows instead");
        }
        Optional<BatchContent.Position> position = BatchContent.position(record.data());
        if (position.isEmpty()) {
            return Optional.of("altered: the bytes of record " + nextId + " do not match their own checksum");
        }
        if (!rest.hasNext()) {
            begin(position.get());
        } else if (!position.get().batch().equals(last().batch())) {
            return Optional.of("half a batch: record " + nextId + " is of "
                    + position.get().batch() + ", while " + last().batch() + " is not complete");
        }
        long due = nextId - last().firstId();
        if (position.get().index() != due) {
            return Optional.of("reordered: record " + nextId + " is number "
                    + position.get().index() + " of " + last().batch() + ", counted from 0, expected number " + due);
        }
        if (!record.data().equals(ByteBuffer.wrap(rest.next()))) {
            return Optional.of(
                    "altered: record " + nextId + " is not the record that " + last().batch() + " has at this place");
        }
        nextId++;
        return Optional.empty();
    }

    private void begin(BatchContent.Position position) {
        batches.add(new Placed(position.batch(), nextId));
        rest = content.records(position.batch()).iterator();
    }

    private Placed last() {
        return batches.get(batches.size() - 1);
    }
}
