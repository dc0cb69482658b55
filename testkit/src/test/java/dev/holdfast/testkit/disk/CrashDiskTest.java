package dev.holdfast.testkit.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.testkit.disk.DiskStep.Kind;
import dev.holdfast.testkit.disk.DiskStep.Moment;
import dev.holdfast.wal.LogLockedException;
import dev.holdfast.wal.storage.NoSpaceException;
import dev.holdfast.wal.storage.ReadableFile;
import dev.holdfast.wal.storage.Storage;
import dev.holdfast.wal.storage.StoredFile;
import dev.holdfast.wal.storage.WritableFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CrashDiskTest {
    private static final int SECTOR = 512;

    private final CrashDisk disk = new CrashDisk();
    private final Storage storage = disk.process();
    private WritableFile file;

    /** Creates a synced file of two sectors filled with {@code a}. */
    @BeforeEach
    void makeFile() throws IOException {
        file = storage.create("f");
        file.write(0, filled(2 * SECTOR, 'a'), 0, 2 * SECTOR);
        file.sync();
        storage.sync();
    }

    @Test
    void killKeepsWhatWasWritten() throws IOException {
        file.write(0, filled(10, 'b'), 0, 10);
        storage.create("g");
        storage.rename("f", "h");
        disk.kill();
        assertThat(names(disk)).containsExactly("g", "h");
        assertThat(bytes(disk, "h")).startsWith(filled(10, 'b')).endsWith(filled(10, 'a'));
    }

    @Test
    void powerCutMayLoseAnUnsyncedWrite() throws IOException {
        file.write(0, filled(SECTOR, 'b'), 0, SECTOR);
        assertThat(bytes(disk.state().powerCut(PowerCut.NOTHING), "f")).isEqualTo(filled(2 * SECTOR, 'a'));
        assertThat(bytes(disk.state().powerCut(PowerCut.EVERYTHING), "f"))
                .startsWith(filled(SECTOR, 'b'))
                .endsWith(filled(SECTOR, 'a'));
    }

    @Test
    void syncedWriteSurvives() throws IOException {
        file.write(0, filled(10, 'b'), 0, 10);
        file.sync();
        file.writeSynced(SECTOR, filled(10, 'c'), 0, 10);
        assertThat(disk.state().unsyncedThings()).isZero();
        assertThat(bytes(disk.state().powerCut(PowerCut.NOTHING), "f")).isEqualTo(bytes(disk, "f"));
    }

    @Test
    void syncedWriteSyncsOnlyItsOwnSectors() throws IOException {
        file.write(0, filled(10, 'b'), 0, 10);
        file.write(SECTOR, filled(10, 'c'), 0, 10);
        file.writeSynced(SECTOR + 5, filled(10, 'd'), 0, 10);
        byte[] left = bytes(disk.state().powerCut(PowerCut.NOTHING), "f");
        assertThat(left).startsWith(filled(SECTOR, 'a'));
        assertThat(Arrays.copyOfRange(left, SECTOR, SECTOR + 16)).isEqualTo("cccccdddddddddda".getBytes());
    }

    @Test
    void syncedWriteBeyondTheEndLeavesZerosInPlaceOfLostWrites() throws IOException {
        file.write(2 * SECTOR, filled(SECTOR, 'b'), 0, SECTOR);
        file.writeSynced(3 * SECTOR, filled(10, 'c'), 0, 10);
        byte[] left = bytes(disk.state().powerCut(PowerCut.NOTHING), "f");
        assertThat(left).hasSize(3 * SECTOR + 10).endsWith(filled(10, 'c'));
        assertThat(Arrays.copyOfRange(left, 2 * SECTOR, 3 * SECTOR)).isEqualTo(new byte[SECTOR]);
        file.sync();
        assertThat(bytes(disk.state().powerCut(PowerCut.NOTHING), "f")).isEqualTo(bytes(disk, "f"));
    }

    @Test
    void syncedWriteWithinUnsyncedLengthKeepsTheRestPending() throws IOException {
        WritableFile other = storage.create("g");
        storage.sync();
        other.write(0, filled(400, 'b'), 0, 400);
        other.writeSynced(100, filled(10, 'c'), 0, 10);
        assertThat(bytes(disk.state().powerCut(PowerCut.NOTHING), "g"))
                .hasSize(110)
                .startsWith(filled(100, 'b'));
        assertThat(bytes(disk.state().powerCut(PowerCut.EVERYTHING), "g")).isEqualTo(bytes(disk, "g"));
        other.sync();
        assertThat(bytes(disk.state().powerCut(PowerCut.NOTHING), "g")).isEqualTo(bytes(disk, "g"));
    }

    @Test
    void sectorsAreLostIndependently() throws IOException {
        file.write(0, filled(2 * SECTOR, 'b'), 0, 2 * SECTOR);
        assertThat(outcomes("f", 40, 0, SECTOR)).contains("aa", "ab", "ba", "bb");
    }

    @Test
    void sectorKeepsAnyOfItsVersions() throws IOException {
        file.write(0, filled(1, 'b'), 0, 1);
        file.write(0, filled(1, 'c'), 0, 1);
        file.write(0, filled(1, 'd'), 0, 1);
        assertThat(outcomes("f", 80, 0)).containsExactlyInAnyOrder("a", "b", "c", "d");
    }

    @Test
    void sectorMayTear() throws IOException {
        file.write(0, filled(SECTOR, 'b'), 0, SECTOR);
        boolean newFirst = false;
        boolean newLast = false;
        for (PowerCut cut : disk.state().cuts(200, 1)) {
            byte[] left = bytes(disk.state().powerCut(cut), "f");
            newFirst |= left[0] == 'b' && left[SECTOR - 1] == 'a';
            newLast |= left[0] == 'a' && left[SECTOR - 1] == 'b';
            assertThat(Arrays.copyOfRange(left, SECTOR, 2 * SECTOR)).isEqualTo(filled(SECTOR, 'a'));
        }
        assertThat(newFirst).isTrue();
        assertThat(newLast).isTrue();
    }

    @Test
    void lengthMaySurviveWithoutItsBytes() throws IOException {
        file.write(2 * SECTOR, filled(SECTOR, 'b'), 0, SECTOR);
        Set<String> found = new TreeSet<>();
        for (PowerCut cut : disk.state().cuts(100, 1)) {
            byte[] left = bytes(disk.state().powerCut(cut), "f");
            found.add(left.length == 2 * SECTOR ? "old" : left[left.length - 1] == 'b' ? "new" : "zeros");
        }
        assertThat(found).containsExactlyInAnyOrder("old", "new", "zeros");
    }

    @Test
    void unsyncedNamesAreLostIndependently() throws IOException {
        storage.create("g");
        storage.rename("f", "h");
        assertThat(nameOutcomes()).containsExactlyInAnyOrder("[f]", "[f, g]", "[g, h]", "[h]");
        storage.sync();
        assertThat(nameOutcomes()).containsExactly("[g, h]");
    }

    @Test
    void unsyncedDeleteMayBeUndone() throws IOException {
        storage.delete("f");
        assertThat(nameOutcomes()).containsExactlyInAnyOrder("[]", "[f]");
        assertThat(bytes(disk.state().powerCut(PowerCut.NOTHING), "f")).isEqualTo(filled(2 * SECTOR, 'a'));
    }

    @Test
    void renameIsAtomic() throws IOException {
        storage.rename("f", "g");
        storage.rename("g", "h");
        storage.create("f");
        for (PowerCut cut : disk.state().cuts(200, 3)) {
            CrashDisk left = disk.state().powerCut(cut);
            long whole = left.process().list().stream()
                    .filter(found -> found.length() == 2 * SECTOR)
                    .count();
            assertThat(whole).as("%s of %s", cut, names(left)).isEqualTo(1);
        }
    }

    @Test
    void survivingNameHasOnlyItsSyncedBytes() throws IOException {
        WritableFile other = storage.create("g");
        other.writeSynced(0, filled(10, 'x'), 0, 10);
        other.write(10, filled(10, 'y'), 0, 10);
        assertThat(names(disk.state().powerCut(PowerCut.NOTHING))).containsExactly("f");
        storage.sync();
        assertThat(bytes(disk.state().powerCut(PowerCut.NOTHING), "g")).isEqualTo(filled(10, 'x'));
    }

    @Test
    void writesBeforeAFailedSyncMayNeverReachTheDisk() throws IOException {
        Set<String> left = new HashSet<>();
        for (long step = 0; step < 20; step++) {
            CrashDisk other = new CrashDisk();
            Storage process = other.process();
            WritableFile written = process.create("f");
            process.sync();
            for (long i = 0; i < step; i++) {
                process.sync(); // extra syncs change the seed, which depends on the step number
            }
            written.write(0, filled(SECTOR, 'b'), 0, SECTOR);
            other.fail(new Fault(other.steps(), Fault.Kind.ERROR, false));
            assertThatThrownBy(written::sync).isInstanceOf(IOException.class);
            assertThat(bytes(other, "f")).isEqualTo(filled(SECTOR, 'b'));
            written.sync();
            byte[] after = bytes(other.state().powerCut(PowerCut.EVERYTHING), "f");
            left.add(after.length == 0 ? "nothing" : after[0] == 'b' ? "all" : "the length alone");
            written.writeSynced(0, filled(SECTOR, 'b'), 0, SECTOR);
            assertThat(bytes(other.state().powerCut(PowerCut.NOTHING), "f")).isEqualTo(filled(SECTOR, 'b'));
        }
        assertThat(left).contains("nothing", "all");
    }

    @Test
    void failingWriteWritesAPrefixOfWholeSectors() throws IOException {
        disk.fail(new Fault(disk.steps(), Fault.Kind.ERROR, true));
        assertThatThrownBy(() -> file.write(0, filled(2 * SECTOR, 'b'), 0, 2 * SECTOR))
                .isInstanceOf(IOException.class);
        byte[] seen = bytes(disk, "f");
        assertThat(new String(new byte[] {seen[0], seen[SECTOR]})).isIn("aa", "ba", "bb");
        assertThat(seen[SECTOR - 1]).isEqualTo(seen[0]);
        assertThatThrownBy(() -> storage.delete("f")).isInstanceOf(IOException.class);
        assertThat(disk.strikes()).isEqualTo(2);
    }

    @Test
    void singleFaultOccursOnce() throws IOException {
        disk.fail(new Fault(disk.steps() + 1, Fault.Kind.ERROR, false));
        storage.sync();
        assertThatThrownBy(storage::sync).isInstanceOf(IOException.class);
        storage.sync();
        assertThat(disk.strikes()).isEqualTo(1);
    }

    @Test
    void fullDiskRefusesOnlyNewBlocks() throws IOException {
        disk.limitTo(2 * 4096);
        file.write(2 * SECTOR, filled(SECTOR, 'b'), 0, SECTOR); // within the block that the file already has
        WritableFile other = storage.create("g");
        other.write(0, filled(10, 'c'), 0, 10);
        assertThat(disk.usedBytes()).isEqualTo(2 * 4096);
        assertThatThrownBy(() -> other.write(4000, filled(200, 'd'), 0, 200)).isInstanceOf(NoSpaceException.class);
        assertThat(bytes(disk, "g")).hasSize(4096);
        file.write(0, filled(4096, 'e'), 0, 4096);
        storage.delete("f");
        other.write(4000, filled(200, 'd'), 0, 200);
    }

    @Test
    void noSpaceFaultAllowsWritesInPlace() throws IOException {
        disk.fail(new Fault(0, Fault.Kind.NO_SPACE, true));
        file.writeSynced(0, filled(10, 'b'), 0, 10);
        storage.rename("f", "g");
        storage.sync();
        assertThatThrownBy(() -> storage.create("h")).isInstanceOf(NoSpaceException.class);
        assertThatThrownBy(() -> file.write(8192, filled(10, 'b'), 0, 10)).isInstanceOf(NoSpaceException.class);
    }

    @Test
    void crashEndsTheProcess() throws IOException {
        ReadableFile reader = storage.openForReading("f");
        storage.lock();
        disk.kill();
        assertThatThrownBy(() -> file.write(0, filled(1, 'b'), 0, 1)).isInstanceOf(IOException.class);
        assertThatThrownBy(file::sync).isInstanceOf(IOException.class);
        assertThatThrownBy(reader::length).isInstanceOf(IOException.class);
        assertThatThrownBy(storage::list).isInstanceOf(IOException.class);
        assertThatThrownBy(storage::sync).isInstanceOf(IOException.class);
        Storage next = disk.process();
        assertThat(next.holder()).isEmpty();
        next.lock();
        storage.close(); // the dead process must not release the new lock
        assertThat(next.holder()).isPresent();
    }

    @Test
    void oneProcessLocksAndOthersSeeIt() throws IOException {
        Storage other = disk.process();
        storage.lock();
        assertThatThrownBy(other::lock).isInstanceOf(LogLockedException.class);
        assertThat(other.holder()).contains("process 1");
        storage.close();
        other.lock();
    }

    @Test
    void listenerReceivesEachMoment() throws IOException {
        List<String> heard = new ArrayList<>();
        disk.listen((step, moment) -> heard.add(moment + " " + step.kind()));
        file.writeSynced(0, filled(2 * SECTOR, 'b'), 0, 2 * SECTOR);
        file.write(0, filled(10, 'c'), 0, 10);
        storage.sync();
        assertThat(heard)
                .containsExactly(
                        Moment.BEFORE + " " + Kind.WRITE_SYNCED,
                        Moment.WITHIN + " " + Kind.WRITE_SYNCED,
                        Moment.WRITTEN + " " + Kind.WRITE_SYNCED,
                        Moment.AFTER + " " + Kind.WRITE_SYNCED,
                        Moment.BEFORE + " " + Kind.WRITE,
                        Moment.AFTER + " " + Kind.WRITE,
                        Moment.BEFORE + " " + Kind.SYNC_NAMES,
                        Moment.AFTER + " " + Kind.SYNC_NAMES);
    }

    @Test
    void stateDoesNotChangeAfterwards() throws IOException {
        DiskState before = disk.state();
        assertThat(disk.state()).isSameAs(before);
        file.writeSynced(0, filled(10, 'b'), 0, 10);
        storage.delete("f");
        storage.sync();
        assertThat(bytes(before.killed(), "f")).isEqualTo(filled(2 * SECTOR, 'a'));
        assertThat(disk.state()).isNotSameAs(before);
    }

    @Test
    void killedDiskKeepsPendingWrites() throws IOException {
        file.write(0, filled(SECTOR, 'b'), 0, SECTOR);
        CrashDisk killed = disk.state().killed();
        assertThat(bytes(killed.state().powerCut(PowerCut.NOTHING), "f")).isEqualTo(filled(2 * SECTOR, 'a'));
        killed.process().openForWriting("f").sync();
        assertThat(bytes(killed.state().powerCut(PowerCut.NOTHING), "f")).startsWith(filled(SECTOR, 'b'));
        assertThat(bytes(disk.state().powerCut(PowerCut.NOTHING), "f")).isEqualTo(filled(2 * SECTOR, 'a'));
    }

    @Test
    void cuttingThePowerInPlaceEqualsCuttingItInAState() throws IOException {
        Random random = new Random(5);
        for (int i = 0; i < 20; i++) {
            file.write(random.nextInt(3000), filled(700, (char) ('b' + i)), 0, 700);
        }
        storage.rename("f", "g");
        PowerCut cut = PowerCut.random(7);
        CrashDisk left = disk.state().powerCut(cut);
        disk.cutPower(cut);
        assertThat(disk.state().digest()).isEqualTo(left.state().digest());
        assertThat(disk.state().unsyncedThings()).isZero();
    }

    @Test
    void digestDependsOnNamesLengthsAndBytes() throws IOException {
        Set<Long> digests = new HashSet<>();
        digests.add(disk.state().digest());
        file.write(0, filled(1, 'b'), 0, 1);
        digests.add(disk.state().digest());
        storage.rename("f", "g");
        digests.add(disk.state().digest());
        file.write(2000, new byte[1], 0, 1);
        digests.add(disk.state().digest());
        file.write(2001, new byte[1], 0, 1);
        digests.add(disk.state().digest());
        assertThat(digests).hasSize(5);
        file.write(0, filled(1, 'b'), 0, 1);
        assertThat(digests).contains(disk.state().digest());
    }

    @Test
    void fewItemsAreExploredCompletely() throws IOException {
        file.write(0, filled(2 * SECTOR, 'b'), 0, 2 * SECTOR);
        storage.rename("f", "g");
        assertThat(disk.state().unsyncedThings()).isEqualTo(3);
        List<PowerCut> cuts = disk.state().cuts(1000, 1);
        assertThat(cuts).doesNotHaveDuplicates().startsWith(PowerCut.NOTHING, PowerCut.EVERYTHING);
        assertThat(cuts.stream().filter(cut -> cut.kind() == PowerCut.Kind.SUBSET))
                .hasSize(6);
        assertThat(cuts)
                .allSatisfy(cut -> assertThat(PowerCut.parse(cut.toString())).isEqualTo(cut));
    }

    @Test
    void printedFaultCanBeParsed() {
        for (Fault fault : List.of(new Fault(17, Fault.Kind.ERROR, false), new Fault(0, Fault.Kind.NO_SPACE, true))) {
            assertThat(Fault.parse(fault.toString())).isEqualTo(fault);
        }
    }

    /** Returns the possible bytes at these offsets after a power failure. */
    private Set<String> outcomes(String name, int cuts, int... offsets) throws IOException {
        Set<String> found = new TreeSet<>();
        for (PowerCut cut : disk.state().cuts(cuts, 1)) {
            byte[] left = bytes(disk.state().powerCut(cut), name);
            StringBuilder text = new StringBuilder();
            for (int offset : offsets) {
                text.append((char) left[offset]);
            }
            found.add(text.toString());
        }
        return found;
    }

    private Set<String> nameOutcomes() throws IOException {
        Set<String> found = new TreeSet<>();
        for (PowerCut cut : disk.state().cuts(40, 1)) {
            found.add(names(disk.state().powerCut(cut)).toString());
        }
        return found;
    }

    private static List<String> names(CrashDisk disk) throws IOException {
        return disk.process().list().stream().map(StoredFile::name).sorted().toList();
    }

    private static byte[] bytes(CrashDisk disk, String name) throws IOException {
        try (ReadableFile file = disk.process().openForReading(name)) {
            ByteBuffer into = ByteBuffer.allocateDirect((int) file.length() + 1);
            file.read(0, into);
            byte[] bytes = new byte[into.flip().remaining()];
            into.get(bytes);
            return bytes;
        }
    }

    private static byte[] filled(int length, char with) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) with);
        return bytes;
    }
}
