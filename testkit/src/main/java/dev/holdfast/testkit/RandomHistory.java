package dev.holdfast.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogCursor;
import dev.holdfast.wal.LogRecord;
import dev.holdfast.wal.RecordsRemovedException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Random calls of a log, each made of a model too, and a cursor that follows them. */
final class RandomHistory {
    private final Log log;
    private final Model model;
    private final Random random;

    private LogCursor cursor;
    private Place place;

    RandomHistory(Log log, Model model, Random random) {
        this.log = log;
        this.model = model;
        this.random = random;
        this.cursor = log.cursor(0);
        this.place = new Unresolved(0);
    }

    /** What the cursor has to show next. */
    private sealed interface Place {}

    /** The first record from {@code startId} on. */
    private record Unresolved(long startId) implements Place {}

    /** The record after {@code id}. */
    private record After(long id) implements Place {}

    /** That its records have been removed. */
    private record Removed() implements Place {}

    /** Anything: it has shown the last record that was trimmed, and what followed went in a way that counts as a trim or not. */
    private record Unclear() implements Place {}

    void run(int calls) throws Exception {
        check();
        for (int i = 0; i < calls; i++) {
            call();
            assertThat(log.nextId()).isEqualTo(model.nextId());
            if (random.nextInt(4) == 0) {
                step();
            }
            if (random.nextInt(20) == 0) {
                check();
            }
        }
        check();
        cursor.close();
    }

    private void check() throws Exception {
        if (model.isEmpty()) {
            LogAssertions.assertEmpty(log, model.nextId());
        } else {
            LogAssertions.assertHolds(log, model.records());
        }
    }

    private void call() throws Exception {
        int choice = random.nextInt(20);
        if (choice < 8) {
            appendAssigned(randomBatch());
        } else if (choice < 13) {
            appendExplicit(random.nextInt(3) == 0 ? idNear() : model.nextId(), randomBatch());
        } else if (choice < 16) {
            truncate(idNear() - 1);
        } else if (choice < 19) {
            trim(idNear() - 1);
        } else {
            reset(idNear());
        }
    }

    private List<ByteBuffer> randomBatch() {
        List<ByteBuffer> batch = new ArrayList<>();
        for (int size = random.nextInt(6); size > 0; size--) {
            int bytes = random.nextInt(random.nextInt(10) == 0 ? 10_000 : 300);
            batch.add(ByteBuffer.wrap(Samples.randomBytes(random, bytes)));
        }
        return batch;
    }

    /** At least 0, from a little below the first record to a little above the last. */
    private long idNear() {
        long lowest = Math.max(0, (model.isEmpty() ? model.nextId() : model.firstId()) - 3);
        return lowest + random.nextInt((int) (model.nextId() - lowest) + 4);
    }

    private void appendAssigned(List<ByteBuffer> batch) throws Exception {
        long expected = model.nextId();
        if (batch.size() == 1) {
            assertThat(log.append(batch.get(0))).isEqualTo(expected);
        } else if (random.nextBoolean()) {
            assertThat(log.appendAll(batch)).isEqualTo(expected);
        } else {
            assertThat(log.appendAllAsync(batch).get()).isEqualTo(expected);
        }
        model.append(Samples.numbered(expected, batch));
    }

    private void appendExplicit(long firstId, List<ByteBuffer> batch) throws Exception {
        List<LogRecord> records = Samples.numbered(firstId, batch);
        if (!records.isEmpty() && !model.takes(firstId)) {
            assertThatIllegalArgumentException().isThrownBy(() -> log.append(records));
            return;
        }
        if (!records.isEmpty() && firstId != model.nextId() && place instanceof After) {
            place = new Removed();
        }
        log.append(records);
        model.append(records);
    }

    private void truncate(long lastToKeep) throws Exception {
        if (place instanceof After after && !model.isEmpty() && lastToKeep < model.nextId() - 1) {
            if (after.id() >= Math.max(lastToKeep + 1, model.firstId())) {
                place = new Removed();
            } else if (lastToKeep < model.firstId()) {
                place = new Unclear();
            }
        }
        log.truncate(lastToKeep);
        model.truncate(lastToKeep);
    }

    private void trim(long discardUpTo) throws Exception {
        log.trim(discardUpTo);
        model.trim(discardUpTo);
        long firstLeft = model.isEmpty() ? model.nextId() : model.firstId();
        if (place instanceof After after && after.id() + 1 < firstLeft) {
            place = new Removed();
        }
    }

    private void reset(long nextId) throws Exception {
        if (place instanceof After) {
            place = model.isEmpty() ? new Unclear() : new Removed();
        }
        log.reset(nextId);
        model.reset(nextId);
    }

    private void step() throws Exception {
        if (place instanceof Unclear) {
            startAfresh();
        } else if (place instanceof Removed) {
            assertThatExceptionOfType(RecordsRemovedException.class).isThrownBy(cursor::next);
            startAfresh();
        } else {
            showNext(place instanceof After after ? after.id() + 1 : ((Unresolved) place).startId());
        }
    }

    private void startAfresh() {
        cursor.close();
        long startId = idNear();
        cursor = log.cursor(startId);
        place = new Unresolved(startId);
    }

    /** Shows a few records, so that the cursor is sometimes at the end and sometimes not. */
    private void showNext(long fromId) throws Exception {
        List<LogRecord> expected = model.from(fromId);
        for (LogRecord record : expected.subList(0, Math.min(expected.size(), 1 + random.nextInt(10)))) {
            assertThat(cursor.next()).isTrue();
            assertThat(cursor.record()).isEqualTo(record);
            place = new After(record.id());
        }
        if (expected.isEmpty()) {
            assertThat(cursor.next()).isFalse();
        }
    }
}
