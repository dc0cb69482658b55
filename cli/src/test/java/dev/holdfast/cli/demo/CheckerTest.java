package dev.holdfast.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.cli.demo.Event.Acknowledged;
import dev.holdfast.cli.demo.Event.Started;
import dev.holdfast.cli.demo.Verdict.Broken;
import dev.holdfast.cli.demo.Verdict.Kept;
import dev.holdfast.cli.demo.Verdict.Placed;
import dev.holdfast.wal.LogRecord;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Gives the checker a correct history, and then histories with one violation each. */
class CheckerTest {
    private static final BatchContent CONTENT = new BatchContent(1);

    /** A batch of round 1, which the log held after that round. */
    private static final Batch OLD = batchOf(3, 1, 1);

    private static final Batch A = batchOf(3, 2, 1);
    private static final Batch B = batchOf(2, 2, 2);
    private static final Batch C = batchOf(3, 2, 3);
    private static final Batch D = batchOf(2, 2, 4);

    /** A, B and C are acknowledged, D is in flight. C was started after B was acknowledged. */
    private static final List<Event> HISTORY = List.of(
            new Started(A),
            new Started(B),
            new Acknowledged(A, 4),
            new Acknowledged(B, 7),
            new Started(D),
            new Started(C),
            new Acknowledged(C, 9));

    @Test
    void acknowledgedBatchesAreEnough() {
        assertThat(check(OLD, A, B, C))
                .isEqualTo(new Kept(List.of(new Placed(OLD, 1), new Placed(A, 4), new Placed(B, 7), new Placed(C, 9))));
    }

    @Test
    void wholeUnacknowledgedBatchMayFollow() {
        assertThat(check(OLD, A, B, C, D)).isInstanceOf(Kept.class);
    }

    @Test
    void unacknowledgedBatchMayPrecedeAcknowledgedBatches() {
        List<Event> history = new ArrayList<>(HISTORY);
        history.set(6, new Acknowledged(C, 11));
        assertThat(Checker.check(CONTENT, shown(), history, log(OLD, A, B, D, C).iterator()))
                .isInstanceOf(Kept.class);
    }

    @Test
    void lossOfTheLastBatchIsFound() {
        assertBroken("lost: " + C + " was acknowledged as record 9 and is not in the log", log(OLD, A, B));
    }

    @Test
    void lossOfAMiddleBatchWithShiftedIdsIsFound() {
        assertBroken("lost: " + B + " was acknowledged as record 7", log(OLD, A, C));
    }

    @Test
    void lossOfAllRecordsIsFound() {
        assertBroken("lost: " + OLD + " was found at record 1 after an earlier round", List.of());
    }

    @Test
    void lossOfABatchOfAnEarlierRoundIsFound() {
        assertBroken("reordered: after an earlier round record 1 was the first of " + OLD, log(A, B, C));
    }

    @Test
    void lossOfOneRecordWithShiftedIdsIsFound() {
        assertBroken("reordered: record 5 is number 2 of " + A, renumbered(without(log(OLD, A, B, C), 4)));
    }

    @Test
    void lossOfOneRecordWithAGapIsFound() {
        assertBroken("gap: record 5 is missing", without(log(OLD, A, B, C), 4));
    }

    @Test
    void lossOfTheFirstRecordIsFound() {
        assertBroken("gap: record 1 is missing", without(log(OLD, A, B, C), 0));
    }

    @Test
    void duplicatedRecordIsFound() {
        List<LogRecord> records = log(OLD, A, B, C);
        records.add(5, records.get(4));
        assertBroken("reordered: record 6 is number 1 of " + A, renumbered(records));
    }

    @Test
    void duplicatedIdIsFound() {
        List<LogRecord> records = log(OLD, A, B, C);
        records.add(5, records.get(4));
        assertBroken("gap: record 6 is missing, record 5 follows instead", records);
    }

    @Test
    void duplicatedBatchIsFound() {
        assertBroken("duplicated: " + A + " is at record 4 and again at record 12", log(OLD, A, B, C, A));
    }

    @Test
    void reorderedRecordsAreFound() {
        List<LogRecord> records = log(OLD, A, B, C);
        Collections.swap(records, 4, 5);
        assertBroken("reordered: record 5 is number 2 of " + A, renumbered(records));
    }

    @Test
    void reorderedBatchesAreFound() {
        assertBroken("reordered: " + A + " was acknowledged as record 4 and is found at record 6", log(OLD, B, A, C));
    }

    @Test
    void batchBeforeABatchAcknowledgedBeforeItsStartIsFound() {
        List<Event> history = new ArrayList<>(HISTORY);
        history.set(3, new Acknowledged(B, 9));
        history.set(6, new Acknowledged(C, 11));
        Verdict verdict =
                Checker.check(CONTENT, shown(), history, log(OLD, A, D, B, C).iterator());
        assertThat(verdict).isInstanceOf(Broken.class);
        assertThat(((Broken) verdict).how()).startsWith("reordered: " + D + " precedes");
    }

    @Test
    void alteredByteIsFound() {
        List<LogRecord> records = log(OLD, A, B, C);
        byte[] bytes = bytes(records.get(4));
        bytes[bytes.length / 2] ^= 1;
        records.set(4, LogRecord.of(5, bytes));
        assertBroken("altered: the bytes of record 5 do not match their own checksum", records);
    }

    @Test
    void recordOfAnotherSeedIsFound() {
        List<LogRecord> records = log(OLD, A, B, C);
        Batch sameName = A;
        records.set(4, LogRecord.of(5, new BatchContent(2).records(sameName).get(1)));
        assertThat(new BatchContent(2).size(sameName)).isGreaterThan(1);
        assertBroken("altered: record 5 is not the record that " + A + " has at this place", records);
    }

    @Test
    void emptyRecordIsFound() {
        List<LogRecord> records = log(OLD, A, B, C);
        records.set(4, LogRecord.of(5, new byte[0]));
        assertBroken("altered: the bytes of record 5", records);
    }

    @Test
    void halfABatchAtTheEndIsFound() {
        List<LogRecord> records = log(OLD, A, B, C, D);
        assertBroken("half a batch: the log ends at record 12, inside " + D, without(records, records.size() - 1));
    }

    @Test
    void halfABatchInTheMiddleIsFound() {
        List<LogRecord> records = log(OLD, A, B, C);
        assertBroken(
                "half a batch: record 6 is of " + B + ", while " + A + " is not complete",
                renumbered(without(records, 5)));
    }

    @Test
    void batchThatWasNeverAppendedIsFound() {
        Batch other = batchOf(2, 2, 5);
        assertBroken("invented: record 12 is of " + other, log(OLD, A, B, C, other));
    }

    private static Verdict check(Batch... recovered) {
        return Checker.check(CONTENT, shown(), HISTORY, log(recovered).iterator());
    }

    private static void assertBroken(String how, List<LogRecord> recovered) {
        Verdict verdict = Checker.check(CONTENT, shown(), HISTORY, recovered.iterator());
        assertThat(verdict).isInstanceOf(Broken.class);
        assertThat(((Broken) verdict).how()).startsWith(how);
    }

    private static List<Placed> shown() {
        return List.of(new Placed(OLD, 1));
    }

    /**
     * Returns a batch of a given size. The thread number is arbitrary; it is chosen so that the batch has this size.
     */
    private static Batch batchOf(int size, int round, int number) {
        int thread = 1;
        while (CONTENT.size(new Batch(round, thread, number)) != size) {
            thread++;
        }
        return new Batch(round, thread, number);
    }

    private static List<LogRecord> log(Batch... batches) {
        List<LogRecord> records = new ArrayList<>();
        Arrays.stream(batches)
                .flatMap(batch -> CONTENT.records(batch).stream())
                .forEach(bytes -> records.add(LogRecord.of(records.size() + 1, bytes)));
        return records;
    }

    private static List<LogRecord> without(List<LogRecord> records, int index) {
        records.remove(index);
        return records;
    }

    private static List<LogRecord> renumbered(List<LogRecord> records) {
        List<LogRecord> renumbered = new ArrayList<>();
        records.forEach(record -> renumbered.add(LogRecord.of(renumbered.size() + 1, bytes(record))));
        return renumbered;
    }

    private static byte[] bytes(LogRecord record) {
        byte[] bytes = new byte[record.data().remaining()];
        record.data().get(bytes);
        return bytes;
    }
}
