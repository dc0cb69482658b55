package dev.holdfast.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.holdfast.testkit.HistoryFault.Kind;
import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogRecord;
import dev.holdfast.wal.file.FileLog;
import dev.holdfast.wal.file.FileLogOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Checks that the history checker accepts every correct log and reports each kind of fault. */
class HistoryCheckerTest {
    private final HistoryChecker checker = new HistoryChecker();

    @TempDir
    Path directory;

    /** Reports that the records of these ids were appended and acknowledged one by one. */
    private void appended(long firstId, long lastId) {
        for (long id = firstId; id <= lastId; id++) {
            appending(id, id).acknowledged(id);
        }
    }

    private HistoryChecker.Append appending(long firstNumber, long lastNumber) {
        return checker.appending(buffers(firstNumber, lastNumber));
    }

    private static List<ByteBuffer> buffers(long firstNumber, long lastNumber) {
        return records(firstNumber, lastNumber).stream().map(LogRecord::data).toList();
    }

    /** Returns records whose bytes are their ids. */
    private static List<LogRecord> records(long firstId, long lastId) {
        List<LogRecord> records = new ArrayList<>();
        for (long id = firstId; id <= lastId; id++) {
            records.add(record(id, id));
        }
        return records;
    }

    private static LogRecord record(long id, long number) {
        return LogRecord.wrap(id, ByteBuffer.allocate(8).putLong(number).flip());
    }

    private void assertFault(List<LogRecord> found, Kind kind, long id) {
        assertThat(checker.check(found)).singleElement().satisfies(fault -> {
            assertThat(fault.kind()).as(fault.toString()).isEqualTo(kind);
            assertThat(fault.id()).isEqualTo(id);
            assertThat(fault.what()).contains("record " + id);
        });
    }

    private void assertPasses(List<LogRecord> found) {
        assertThat(checker.check(found)).isEmpty();
    }

    @Test
    void acknowledgedRecordsPass() {
        appended(1, 10);
        assertPasses(records(1, 10));
    }

    @Test
    void lastRecordIsLost() {
        appended(1, 10);
        assertFault(records(1, 9), Kind.LOST, 10);
    }

    @Test
    void recordInTheMiddleIsLost() {
        appended(1, 10);
        List<LogRecord> found = records(1, 10);
        found.remove(4);
        assertFault(found, Kind.LOST, 5);
    }

    @Test
    void recordIsDoubled() {
        appended(1, 10);
        List<LogRecord> found = records(1, 10);
        found.add(record(11, 10));
        assertFault(found, Kind.DOUBLED, 11);
    }

    @Test
    void recordsAreReordered() {
        appended(1, 10);
        List<LogRecord> found = records(1, 10);
        found.set(3, record(4, 5));
        found.set(4, record(5, 4));
        assertThat(checker.check(found)).extracting(HistoryFault::kind).containsExactly(Kind.REORDERED, Kind.REORDERED);
    }

    @Test
    void unansweredRecordPrecedesARecordThatWasDurableBefore() {
        appending(1, 1).acknowledged(2);
        appending(2, 2);
        assertFault(List.of(record(1, 2), record(2, 1)), Kind.REORDERED, 1);
    }

    @Test
    void recordIsAltered() {
        appended(1, 10);
        List<LogRecord> found = records(1, 10);
        found.set(6, record(7, 1234));
        assertFault(found, Kind.ALTERED, 7);
    }

    @Test
    void recordIsInvented() {
        appended(1, 10);
        List<LogRecord> found = records(1, 11);
        assertFault(found, Kind.INVENTED, 11);
    }

    @Test
    void refusedRecordIsPresent() {
        appended(1, 3);
        appending(4, 4).refused();
        assertFault(records(1, 4), Kind.INVENTED, 4);
    }

    @Test
    void truncatedRecordIsResurrected() {
        appended(1, 10);
        checker.truncating(9).acknowledged();
        assertFault(records(1, 10), Kind.RESURRECTED, 10);
    }

    @Test
    void trimmedRecordIsResurrected() {
        appended(1, 10);
        checker.trimming(1).acknowledged();
        assertFault(records(1, 10), Kind.RESURRECTED, 1);
    }

    @Test
    void recordMissingAfterOneCrashIsPresentAfterTheNext() {
        appended(1, 3);
        appending(4, 4);
        assertPasses(records(1, 3));
        assertFault(records(1, 4), Kind.RESURRECTED, 4);
    }

    @Test
    void recordPresentAfterOneCrashIsLostByTheNext() {
        appended(1, 3);
        appending(4, 4);
        assertPasses(records(1, 4));
        assertFault(records(1, 3), Kind.LOST, 4);
    }

    @Test
    void batchIsHalved() {
        appended(1, 3);
        appending(4, 6);
        assertFault(records(1, 5), Kind.HALVED, 6);
    }

    @Test
    void unansweredCallsMayOrMayNotHaveTakenEffect() {
        appended(1, 3);
        appending(4, 6);
        assertPasses(records(1, 3));
        checker.truncating(2);
        assertPasses(records(1, 3));
        checker.trimming(2);
        assertPasses(records(3, 3));
    }

    @Test
    void recordsAppendedDuringARemovalMayOrMayNotBePresent() {
        appended(1, 3);
        HistoryChecker.Append append = appending(4, 4);
        HistoryChecker.Removal removal = checker.truncating(3);
        append.acknowledged(4);
        removal.acknowledged();
        assertPasses(records(1, 3));
    }

    @Test
    void missingRecordsOutsideARemovalAreLost() {
        appended(1, 3);
        checker.truncating(2).acknowledged();
        appending(30, 30).acknowledged(3);
        assertFault(records(1, 2), Kind.LOST, 3);
    }

    @Test
    void recordReturnedToAReaderIsLost() {
        appending(1, 1);
        checker.reading().returned(record(1, 1));
        assertFault(List.of(), Kind.LOST, 1);
    }

    @Test
    void readerReceivesARecordThatWasNeverAppended() {
        checker.reading().returned(record(1, 1));
        assertFault(List.of(), Kind.INVENTED, 1);
    }

    @Test
    void readerReceivesARemovedRecord() {
        appended(1, 3);
        checker.truncating(2).acknowledged();
        checker.reading().returned(record(3, 3));
        assertFault(records(1, 2), Kind.RESURRECTED, 3);
    }

    @Test
    void appendOfBytesSeenBeforeIsRejected() {
        appended(1, 1);
        assertThatIllegalArgumentException().isThrownBy(() -> appended(1, 1));
    }

    /** Several threads append, read and remove records in a real log, which is opened three times. */
    @Test
    void realLogPassesAndAHiddenRecordIsDetected() throws Exception {
        FileLogOptions small = FileLogOptions.builder().segmentBytes(8 << 10).build();
        List<LogRecord> found = List.of();
        for (int life = 1; life <= 3; life++) {
            try (Log log = FileLog.open(directory, small)) {
                List<Running> clients = new ArrayList<>();
                for (int client = 0; client < 4; client++) {
                    SplittableRandom random = new SplittableRandom(life * 10L + client);
                    clients.add(Running.start(() -> use(log, random)));
                }
                for (Running client : clients) {
                    client.join();
                }
            }
            try (Log log = FileLog.open(directory, small)) {
                found = LogAssertions.shownFrom(log, 0);
                assertPasses(found);
            }
        }
        assertThat(found).hasSizeGreaterThan(1);
        assertFault(
                found.subList(0, found.size() - 1),
                Kind.LOST,
                found.get(found.size() - 1).id());
    }

    private void use(Log log, SplittableRandom random) throws IOException {
        for (int i = 0; i < 100; i++) {
            switch (random.nextInt(8)) {
                case 0 -> {
                    long lastToKeep = log.nextId() - 1 - random.nextInt(3);
                    HistoryChecker.Removal removal = checker.truncating(lastToKeep);
                    log.truncate(Math.max(-1, lastToKeep));
                    removal.acknowledged();
                }
                case 1 -> {
                    long discardUpTo = log.firstId().orElse(0) + random.nextInt(3);
                    HistoryChecker.Removal removal = checker.trimming(discardUpTo);
                    log.trim(discardUpTo);
                    removal.acknowledged();
                }
                case 2 -> {
                    HistoryChecker.Reading reading = checker.reading();
                    log.read(log.nextId() - 1).ifPresent(reading::returned);
                }
                default -> {
                    List<ByteBuffer> batch = new ArrayList<>();
                    for (int size = random.nextInt(1, 4); size > 0; size--) {
                        batch.add(ByteBuffer.allocate(100)
                                .putLong(random.nextLong())
                                .rewind());
                    }
                    HistoryChecker.Append append = checker.appending(batch);
                    append.acknowledged(log.appendAll(batch));
                }
            }
        }
    }
}
