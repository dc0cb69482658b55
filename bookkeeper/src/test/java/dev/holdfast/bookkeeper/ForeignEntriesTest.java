package dev.holdfast.bookkeeper;

import static dev.holdfast.bookkeeper.Records.assertHolds;
import static dev.holdfast.bookkeeper.Records.record;
import static dev.holdfast.bookkeeper.Records.records;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.holdfast.bookkeeper.Ledgers.Label;
import dev.holdfast.wal.CorruptLogException;
import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogCursor;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests bookies that return entries of another log, and older logs whose entries do not name their log. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ForeignEntriesTest {
    private final FakeWorld world = new FakeWorld();

    @AfterEach
    void stop() {
        world.close();
    }

    // Foreign entries

    @Test
    void ownerReportsAnEntryOfAnotherLogAsDamage() throws Exception {
        try (Log log = world.open()) {
            log.appendAll(records(1, 3));
            giveEntriesOfAnotherLog();
            assertForeign(() -> log.read(3));
            assertForeign(() -> log.cursor(0).next());
        }
    }

    @Test
    void readerReportsAnEntryOfAnotherLogAsDamage() throws Exception {
        try (Log log = world.open()) {
            log.appendAll(records(1, 3));
        }
        giveEntriesOfAnotherLog();
        try (Log reader = world.openReadOnly()) {
            assertForeign(() -> reader.read(3));
            assertForeign(() -> reader.cursor(0).next());
        }
    }

    @Test
    void recoveryReportsAnEntryOfAnotherLogAsDamage() throws Exception {
        Log killed = world.open();
        killed.appendAll(records(1, 3));
        giveEntriesOfAnotherLog();
        assertForeign(world::open);
        killed.close();
    }

    @Test
    void entryOfAnotherLedgerOfTheSameLogIsDamage() throws Exception {
        try (Log log = world.open()) {
            log.appendAll(records(1, 3));
        }
        List<byte[]> entries = world.ledgers.entries(0);
        long key = world.state().key().orElseThrow();
        entries.forEach(entry -> Entry.stamp(entry, key, 7));
        try (Log reader = world.openReadOnly()) {
            assertForeign(() -> reader.read(3));
        }
    }

    @Test
    void unstampedEntryInAStampedLedgerIsDamage() throws Exception {
        try (Log log = world.open()) {
            log.appendAll(records(1, 3));
        }
        world.ledgers.replaceEntries(0, entries(0)); // with the right ids
        try (Log reader = world.openReadOnly()) {
            assertThatExceptionOfType(CorruptLogException.class)
                    .isThrownBy(() -> reader.read(2))
                    .withMessageContaining("found record 2 without the key of a log");
        }
    }

    private Label label() {
        return new Label(world.metadata.id(world.logName), 1);
    }

    /** Replaces ledger 0 by ledger 0 of a log with the same name at another root, with the same ids. */
    private void giveEntriesOfAnotherLog() throws IOException {
        try (FakeWorld other = new FakeWorld(2)) {
            try (Log log = other.open()) {
                log.appendAll(List.of(record(11), record(12), record(13)));
            }
            world.ledgers.replaceEntries(0, other.ledgers.entries(0));
        }
    }

    private interface Call {
        void call() throws Exception;
    }

    private static void assertForeign(Call call) {
        assertThatExceptionOfType(CorruptLogException.class)
                .isThrownBy(call::call)
                .withMessageContainingAll("ledger 0, entry", "expected record", "found record", "of the log with key");
    }

    // Logs of version 1

    @Test
    void logOfVersion1OpensAndContinuesWithStampedEntries() throws Exception {
        putGolden();
        try (Log reader = world.openReadOnly()) {
            assertThat(reader.firstId()).hasValue(2);
            assertThat(reader.lastId()).hasValue(8);
            assertThat(reader.read(8).orElseThrow().data().getLong()).isEqualTo(8);
            assertThat(world.metadata.text(world.logName)).isEqualTo(golden("version-1/node.txt"));
        }
        try (Log log = world.open()) {
            assertThat(log.firstId()).hasValue(2);
            assertThat(log.append(record(9))).isEqualTo(9);
        }
        try (Log log = world.open()) {
            assertGolden(log, 9);
            assertThat(world.metadata.text(world.logName))
                    .startsWith("holdfast-bookkeeper 2\n")
                    .contains("segment 0 1 3 51 recovered unstamped\n")
                    .contains("segment 1 4 6 43 unstamped\n")
                    .contains("segment 2 7 8 34 recovered unstamped\n")
                    .contains("segment 3 9 9 33\n");
        }
        assertThat(world.ledgers.entries(0)).usingRecursiveComparison().isEqualTo(entries(0));
    }

    @Test
    void unfinishedBatchOfVersion1IsDiscarded() throws Exception {
        putGolden();
        List<byte[]> entries = new ArrayList<>(entries(2));
        entries.add(HexFormat.of().parseHex("1000000000000000090000000000000009"));
        world.ledgers.put(2, label(), entries, false);
        try (Log log = world.open()) {
            assertThat(log.nextId()).isEqualTo(9);
            assertGolden(log, 8);
        }
    }

    @Test
    void stampedEntryInAnUnstampedLedgerIsDamage() throws Exception {
        putGolden();
        List<byte[]> entries = new ArrayList<>(entries(1));
        byte[] foreign = Entry.of(record(4), false);
        Entry.number(foreign, 4);
        Entry.stamp(foreign, 1, 1);
        entries.set(0, foreign);
        world.ledgers.put(1, label(), entries, true);
        try (Log reader = world.openReadOnly()) {
            assertThatExceptionOfType(CorruptLogException.class)
                    .isThrownBy(() -> reader.read(4))
                    .withMessageContainingAll("ledger 1, entry 0", "expected record 4", "the log with key 1");
        }
    }

    private void putGolden() throws Exception {
        world.metadata.putText(world.logName, golden("version-1/node.txt"));
        world.ledgers.put(0, label(), entries(0), true);
        world.ledgers.put(1, label(), entries(1), true);
        world.ledgers.put(2, label(), entries(2), false);
    }

    private static List<byte[]> entries(int ledgerId) throws IOException {
        return entries("version-1/ledger-" + ledgerId + ".hex");
    }

    private static List<byte[]> entries(String file) throws IOException {
        return golden(file).lines().map(HexFormat.of()::parseHex).toList();
    }

    private static String golden(String file) throws IOException {
        try (InputStream in = ForeignEntriesTest.class.getResourceAsStream("/golden/" + file)) {
            return new String(in.readAllBytes(), US_ASCII);
        }
    }

    private static void assertGolden(Log log, long last) throws IOException {
        try (LogCursor cursor = log.cursor(0)) {
            for (long id = 2; id <= last; id++) {
                assertThat(cursor.next()).isTrue();
                assertThat(cursor.id()).isEqualTo(id);
                assertThat(cursor.data().remaining()).isEqualTo(id == 6 ? 0 : 8);
                if (id != 6) {
                    assertThat(cursor.data().getLong()).isEqualTo(id);
                }
            }
            assertThat(cursor.next()).isFalse();
        }
    }

    // The current format

    @Test
    void logMatchesTheGoldenFilesAndReadsThem() throws Exception {
        Log killed = world.open();
        killed.appendAll(records(1, 3));
        Log log = world.open();
        log.appendAll(records(4, 2));
        log.append(new byte[0]);
        log.trim(1);
        String node = golden("version-2/node.txt");
        assertThat(world.metadata.text(world.logName)).isEqualTo(node);
        for (int ledgerId = 0; ledgerId < 2; ledgerId++) {
            assertThat(world.ledgers.entries(ledgerId).stream()
                            .map(HexFormat.of()::formatHex)
                            .toList())
                    .isEqualTo(golden("version-2/ledger-" + ledgerId + ".hex")
                            .lines()
                            .toList());
        }
        log.close();
        killed.close();
        try (FakeWorld copy = new FakeWorld(3)) {
            copy.metadata.putText(copy.logName, node);
            for (int ledgerId = 0; ledgerId < 2; ledgerId++) {
                List<byte[]> entries = entries("version-2/ledger-" + ledgerId + ".hex");
                copy.ledgers.put(ledgerId, new Label(copy.metadata.id(copy.logName), 1), entries, ledgerId == 0);
            }
            try (Log opened = copy.open()) {
                assertGolden(opened, 6);
            }
        }
    }

    // Another cluster

    @Test
    void logIsNotOpenedOnAnotherCluster() throws Exception {
        try (Log log = world.open()) {
            log.appendAll(records(1, 3));
        }
        String before = world.metadata.text(world.logName);
        world.ledgers.clusterId("beta");
        for (Call opening : List.<Call>of(world::open, world::openReadOnly)) {
            assertThatExceptionOfType(UnusableClusterException.class)
                    .isThrownBy(opening::call)
                    .withMessageContainingAll("fake-cluster", "beta", "Nothing was changed");
        }
        assertThat(world.metadata.text(world.logName)).isEqualTo(before);
        world.ledgers.clusterId("fake-cluster");
        try (Log log = world.open()) {
            assertHolds(log, 3);
        }
    }

    @Test
    void logOfVersion1IsNotOpenedOnAClusterWithoutItsLedgers() throws Exception {
        putGolden();
        for (long ledgerId = 0; ledgerId < 3; ledgerId++) {
            world.ledgers.put(ledgerId, new Label("/fake/another", 1), List.of(), true);
        }
        assertThatExceptionOfType(UnusableClusterException.class)
                .isThrownBy(world::open)
                .withMessageContainingAll("none of the newest 3 ledgers", "ledger 2");
        assertThat(world.metadata.text(world.logName)).isEqualTo(golden("version-1/node.txt"));
    }

    @Test
    void clusterMayGetItsInstanceIdLater() throws Exception {
        world.ledgers.clusterId(Cluster.UNNAMED);
        world.open().close();
        world.ledgers.clusterId("alpha");
        world.open().close();
        assertThat(world.state().identity().orElseThrow().clusterId()).isEqualTo("alpha");
    }
}
