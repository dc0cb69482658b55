package dev.holdfast.testkit.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.testkit.disk.CrashDisk;
import dev.holdfast.testkit.disk.DiskState;
import dev.holdfast.testkit.disk.PowerCut;
import dev.holdfast.wal.CorruptLogException;
import dev.holdfast.wal.LogRecord;
import dev.holdfast.wal.inspect.Inspection;
import dev.holdfast.wal.inspect.Inspector;
import dev.holdfast.wal.recovery.OpenReport;
import dev.holdfast.wal.repair.Plan;
import dev.holdfast.wal.repair.Repair;
import dev.holdfast.wal.repair.RepairRefusedException;
import dev.holdfast.wal.storage.Storage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Damages a log in several ways. Inspection must find the damage, and repair must keep every record below the chosen
 * id. Repair must not discard any byte of a file, and a power failure may interrupt it at any moment.
 */
class RepairTest {
    private static final int RECORDS = 40;
    private static final int RANDOM_CUTS = 1;

    /** Kinds of damage to a log of several segments. */
    enum Damage {
        RECORD_IN_THE_MIDDLE {
            @Override
            void to(Image image) {
                image.flip(image.find(data(17)), 3);
            }
        },
        RECORD_OF_THE_TAIL {
            @Override
            void to(Image image) {
                image.flip(image.find(data(RECORDS - 1)), 3);
            }
        },
        HEADER_IN_THE_MIDDLE {
            @Override
            void to(Image image) {
                image.flip(new Image.Place(middle(image), 70), 1);
            }
        },
        HEADER_OF_THE_TAIL {
            @Override
            void to(Image image) {
                image.flip(new Image.Place(last(image), 70), 1);
            }
        },
        HEADER_OF_THE_OLDEST {
            @Override
            void to(Image image) {
                image.flip(new Image.Place(image.segments().get(0), 70), 1);
            }
        },
        FOOTER {
            @Override
            void to(Image image) {
                byte[] bytes = image.files().get(middle(image));
                image.flip(new Image.Place(middle(image), footerOffset(bytes.length)), 40);
            }
        },
        SHORTENED {
            @Override
            void to(Image image) {
                image.files().computeIfPresent(middle(image), (name, bytes) -> Arrays.copyOf(bytes, 5000));
            }
        },
        MISSING_IN_THE_MIDDLE {
            @Override
            void to(Image image) {
                image.files().remove(middle(image));
            }
        },
        MISSING_NEWEST {
            @Override
            void to(Image image) {
                image.files().remove(last(image));
            }
        },
        MISNAMED {
            @Override
            void to(Image image) {
                String name = middle(image);
                byte[] bytes = image.files().remove(name);
                image.files().put(name.replaceFirst("0.seg$", "1.seg").replaceFirst("[1-9a-f].seg$", "0.seg"), bytes);
            }
        },
        TWO_AT_ONCE {
            @Override
            void to(Image image) {
                image.flip(image.find(data(9)), 3);
                image.flip(new Image.Place(last(image), 70), 1);
            }
        };

        abstract void to(Image image);

        private static String middle(Image image) {
            return image.segments().get(image.segments().size() / 2);
        }

        private static String last(Image image) {
            return image.segments().get(image.segments().size() - 1);
        }

        /** Returns the offset of the footer, as specified in docs/format.md. */
        private static int footerOffset(int length) {
            return (length - (40 + 32 + 12 * (length / 65536 + 2))) / 8 * 8;
        }
    }

    private static byte[] data(long id) {
        return ("record " + id + " " + "x".repeat(600)).getBytes(StandardCharsets.US_ASCII);
    }

    private static Image closedLog() throws IOException {
        CrashDisk disk = new CrashDisk();
        try (SimulatedLog log = SimulatedLog.open(disk)) {
            for (long id = 1; id <= RECORDS; id++) {
                log.log().append(LogRecord.of(id, data(id)));
                log.settle();
            }
        }
        Image image = Image.of(disk);
        assertThat(image.segments()).hasSizeGreaterThan(4);
        return image;
    }

    @ParameterizedTest
    @EnumSource(Damage.class)
    void damageIsFoundAndRepairedWithTheLeastLoss(Damage damage) throws IOException {
        Image image = closedLog();
        damage.to(image);
        CrashDisk disk = image.onDisk();
        assertThat(inspect(disk).damages()).isNotEmpty().allSatisfy(found -> {
            assertThat(found.file()).isNotEmpty();
            assertThat(found).hasMessageContaining("holdfast repair <dir> --drop-from ");
        });
        assertThat(Image.of(disk).same(image)).as("inspection changes nothing").isTrue();

        long dropFrom = greatest(disk);
        assertThat(Image.of(disk).same(image)).as("planning changes nothing").isTrue();
        assertThatThrownBy(() -> repair(disk, dropFrom + 1))
                .isInstanceOf(RepairRefusedException.class)
                .hasMessageContaining("--drop-from can be " + dropFrom + " at most");
        assertThat(Image.of(disk).segments())
                .as("a refused repair changes nothing")
                .isEqualTo(image.segments());

        Plan plan = repair(disk, dropFrom);
        assertThat(plan.done()).isFalse();
        assertRepaired(disk, dropFrom);
        assertNothingDiscarded(image, Image.of(disk));
        assertMatchesPlan(plan, image, Image.of(disk));
        assertThat(repair(disk, dropFrom).done())
                .as("a second repair has nothing to do")
                .isTrue();
    }

    @Test
    void flippedBitIsReportedOnceWithItsRecord() throws IOException {
        for (long id = 1; id <= RECORDS; id++) {
            Image image = closedLog();
            image.flip(image.find(data(id)), 3);
            assertThat(inspect(image.onDisk()).damages())
                    .as("record " + id)
                    .singleElement()
                    .extracting(CorruptLogException::firstIdAtRisk, CorruptLogException::lastIdAtRisk)
                    .containsExactly(id, id);
        }
    }

    @ParameterizedTest
    @EnumSource(Damage.class)
    void refusedRepairNamesAnIdThatIsAccepted(Damage damage) throws IOException {
        Image image = closedLog();
        damage.to(image);
        CrashDisk disk = image.onDisk();
        assertThatThrownBy(() -> repair(disk, 1000))
                .hasMessageContaining("--drop-from can be " + greatest(disk) + " at most");
        long dropFrom = greatest(disk);
        repair(disk, dropFrom);
        assertRepaired(disk, dropFrom);
    }

    @Test
    void damageThatCostsNoRecordIsRepairedWithoutLoss() throws IOException {
        Image image = closedLog();
        Damage.FOOTER.to(image);
        CrashDisk disk = image.onDisk();
        assertThat(greatest(disk)).isEqualTo(RECORDS + 1);
        Plan plan = repair(disk, RECORDS + 1);
        assertThat(plan.footersToWrite()).containsExactly(Damage.middle(image));
        assertThat(plan.droppedRecords()).isZero();
        assertRepaired(disk, RECORDS + 1);
    }

    @Test
    void repairDropsMoreRecordsOnRequest() throws IOException {
        for (long dropFrom : new long[] {0, 1, 2, 10, 21, RECORDS}) {
            Image image = closedLog();
            Damage.HEADER_OF_THE_TAIL.to(image);
            CrashDisk disk = image.onDisk();
            long next = Math.min(Math.max(1, dropFrom), greatest(disk));
            Plan plan = repair(disk, next);
            assertRepaired(disk, next);
            assertNothingDiscarded(image, Image.of(disk));
            assertMatchesPlan(plan, image, Image.of(disk));
        }
    }

    /** Interrupts a repair by a power failure at each moment, in several ways, and repeats the repair. */
    @ParameterizedTest
    @EnumSource(Damage.class)
    void interruptedRepairCanBeRepeatedWithoutLoss(Damage damage) throws IOException {
        long seed = Long.getLong("holdfast.seed", new SplittableRandom().nextLong());
        System.out.println("RepairTest: -Dholdfast.seed=" + seed);
        SplittableRandom random = new SplittableRandom(seed);
        Image image = closedLog();
        damage.to(image);
        CrashDisk disk = image.onDisk();
        long greatest = greatest(disk);
        for (long dropFrom : new TreeSet<>(List.of(Math.max(1, greatest - 7), greatest))) {
            CrashDisk repaired = image.onDisk();
            for (Crashes.Point point : Crashes.during(repaired, () -> repair(repaired, dropFrom))) {
                for (PowerCut cut : cuts(random)) {
                    assertRunAgain(point.state(), cut, dropFrom, point + " " + cut + ", seed " + seed);
                }
            }
        }
    }

    private static List<PowerCut> cuts(SplittableRandom random) {
        List<PowerCut> cuts = new ArrayList<>(List.of(PowerCut.NOTHING, PowerCut.EVERYTHING));
        for (int i = 0; i < RANDOM_CUTS; i++) {
            cuts.add(PowerCut.random(random.nextLong()));
        }
        return cuts;
    }

    private static void assertRunAgain(DiskState state, PowerCut cut, long dropFrom, String where) throws IOException {
        CrashDisk disk = state.powerCut(cut);
        try {
            repair(disk, dropFrom);
            assertRepaired(disk, dropFrom);
        } catch (IOException | AssertionError e) {
            throw new AssertionError(where, e);
        }
    }

    @Test
    void recordsNotProvenDurableAreRewritten() throws IOException {
        CrashDisk disk = new CrashDisk();
        SimulatedLog log = SimulatedLog.open(disk);
        for (long id = 1; id <= 5; id++) {
            log.log().append(LogRecord.of(id, data(id)));
        }
        disk.kill(); // record 5 is visible, but nothing on the disk proves that it was synced
        repair(disk, 6);
        CrashDisk after = disk.state().powerCut(PowerCut.NOTHING);
        assertRepaired(after, 6);
    }

    @Test
    void fileNotProvenDurableIsCopiedAndKeptAside() throws IOException {
        CrashDisk disk = new CrashDisk();
        SimulatedLog log = SimulatedLog.open(disk);
        long last = 0;
        while (Image.of(disk).segments().size() < 3) {
            last++;
            log.log().append(LogRecord.of(last, data(last)));
            log.settle();
        }
        disk.kill();
        Image killed = Image.of(disk);
        String tail = Damage.last(killed);

        Plan plan = repair(disk, last + 1);

        assertThat(plan.copied()).containsExactly(tail);
        assertThat(plan.cut()).isEmpty();
        assertThat(plan.aside()).isEmpty();
        assertThat(Image.of(disk).files()).containsKey(tail + ".damaged").doesNotContainKey(tail);
        assertRepaired(disk, last + 1);
    }

    private static void assertMatchesPlan(Plan plan, Image before, Image after) {
        List<String> gone = new ArrayList<>(plan.copied());
        plan.aside().forEach(file -> gone.add(file.name()));
        for (String name : before.segments()) {
            assertThat(after.files().containsKey(name))
                    .as("whether " + name + " keeps its name, by " + plan)
                    .isNotEqualTo(gone.contains(name));
            assertThat(after.files().containsKey(name + ".damaged")).as(name).isEqualTo(gone.contains(name));
        }
        assertThat(before.segments()).containsAll(plan.cut()).containsAll(plan.footersToWrite());
    }

    private static void assertRepaired(CrashDisk disk, long dropFrom) throws IOException {
        Inspection found = inspect(disk);
        assertThat(found.damages()).isEmpty();
        assertThat(found.ending()).contains(OpenReport.Ending.CLOSED);
        assertThat(found.nextId()).isEqualTo(dropFrom);
        CrashDisk copy = disk.state().powerCut(PowerCut.NOTHING);
        List<LogRecord> expected = new ArrayList<>();
        for (long id = 1; id < dropFrom; id++) {
            expected.add(LogRecord.of(id, data(id)));
        }
        assertThat(SimulatedLog.recordsOn(copy)).isEqualTo(expected);
        try (SimulatedLog log = SimulatedLog.open(copy)) {
            log.log().append(LogRecord.of(dropFrom, data(dropFrom)));
            log.log().truncate(dropFrom - 1);
        }
        assertThat(SimulatedLog.recordsOn(copy)).isEqualTo(expected);
    }

    /**
     * Asserts that the bytes of every segment still exist: in a file of the same name, or in a file that was kept
     * aside.
     */
    private static void assertNothingDiscarded(Image before, Image after) {
        for (String name : before.segments()) {
            byte[] bytes = before.files().get(name);
            boolean kept = after.files().entrySet().stream()
                    .filter(file -> file.getKey().startsWith(name))
                    .anyMatch(file -> sameButForTheFooter(bytes, file.getValue()));
            assertThat(kept).as(name).isTrue();
        }
    }

    private static boolean sameButForTheFooter(byte[] before, byte[] after) {
        int end = before.length < 8192 ? before.length : Damage.footerOffset(before.length);
        return before.length == after.length && Arrays.equals(before, 0, end, after, 0, end);
    }

    private static Inspection inspect(CrashDisk disk) throws IOException {
        try (Storage storage = disk.process()) {
            return new Inspector(storage).verify(new Inspector.Listener() {
                @Override
                public void total(long bytes) {
                    assertThat(bytes).isNotNegative();
                }

                @Override
                public void read(long bytes) {
                    assertThat(bytes).isNotNegative();
                }
            });
        }
    }

    private static long greatest(CrashDisk disk) throws IOException {
        try (Storage storage = disk.process()) {
            return new Repair(storage, new SplittableRandom(1)::nextLong).greatestDropFrom();
        }
    }

    private static Plan repair(CrashDisk disk, long dropFrom) throws IOException {
        try (Storage storage = disk.process()) {
            storage.lock();
            return new Repair(storage, new SplittableRandom(disk.steps())::nextLong).run(dropFrom);
        }
    }
}
