package dev.holdfast.testkit.damage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.wal.commit.LogSettings;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Damages logs in every way and at every place, and checks that no wrong record is returned and no loss is silent. The
 * logs end in every way: closed, killed or with a power failure.
 *
 * <p>Each damaged log is opened for reading and for writing, and read by cursor and by id. If it is undamaged to its
 * readers, the test appends a record and opens the log again.
 *
 * <p>Two short logs, one closed and one killed, are tested with every bit, every length and every pair of sectors. All
 * other logs are tested with samples. With {@code -Dholdfast.damage.full=true} all logs are larger, and every log is
 * tested completely.
 */
@Timeout(value = 3, unit = TimeUnit.HOURS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@Tag("same-on-every-jdk")
class EveryDamageTest {
    private static final boolean FULL = Boolean.getBoolean("holdfast.damage.full");
    private static final int ROUNDS = FULL ? 40 : 10;

    /**
     * One in this many lengths, swaps and bits is tested. Each stride is a prime, so all positions within a word and a
     * sector are tested in the end.
     */
    private record Strides(int cuts, int swaps, int bits) {}

    private static final Strides ALL = new Strides(1, 1, 1);
    private static final Strides SOME = new Strides(61, 7, 101);

    /**
     * One in this many bits of a file that is never read is flipped. All such runs are equal, because no read sees the
     * flipped bit.
     */
    private static final int UNREAD_STRIDE = FULL ? 1 : 7;

    private final long seed = Long.getLong("holdfast.seed", 4);
    private final Tally tally = new Tally();
    private final Queue<AssertionError> wrong = new ConcurrentLinkedQueue<>();

    EveryDamageTest() {
        System.out.println("EveryDamageTest: rerun with -Dholdfast.seed=" + seed);
    }

    @ParameterizedTest
    @ValueSource(ints = {8, 4096})
    void damageIsHarmlessOrReportedOrOnlyLosesTheLastGroup(int alignment) throws IOException {
        LogSettings settings = settings(alignment == 8 ? 8 << 10 : 16 << 10, alignment);
        for (Victim victim : Victims.of(settings, seed, ROUNDS)) {
            inspect(victim, settings, FULL ? ALL : SOME);
        }
        assertNothingWrong("groups aligned to " + alignment);
    }

    @Test
    void everyBitAndEveryLengthOfAClosedAndAKilledLog() throws IOException {
        LogSettings settings = settings(8 << 10, 8);
        List<Victim> victims = Victims.of(settings, seed + 1, FULL ? ROUNDS : 7);
        for (Victim victim : victims) {
            if (FULL || victim.name().matches("(closed|killed),.*")) {
                inspect(victim, settings, ALL);
            }
        }
        assertNothingWrong("every bit");
    }

    private static LogSettings settings(int segmentBytes, int alignment) {
        return new LogSettings(segmentBytes, segmentBytes, 4 << 10, 1 << 20, true, alignment);
    }

    private void inspect(Victim victim, LogSettings settings, Strides strides) {
        Damages damages = new Damages(victim, strides.cuts(), strides.swaps());
        Inspection inspection = new Inspection(victim, settings);
        Tally of = new Tally();
        count(damages.others(), inspection, of);
        Set<String> unread = inspection.unread();
        for (Map.Entry<String, byte[]> file : victim.files().entrySet()) {
            int stride = strides.bits() * (unread.contains(file.getKey()) ? UNREAD_STRIDE : 1);
            int bits = file.getValue().length * Byte.SIZE;
            count(
                    IntStream.range(0, (bits + stride - 1) / stride)
                            .map(i -> i * stride)
                            .parallel()
                            .mapToObj(bit -> damages.flipped(file.getKey(), bit / Byte.SIZE, bit % Byte.SIZE)),
                    inspection,
                    of);
        }
        if (victim.ended()) {
            assertThat(of.total(Outcome.LAST_GROUP_LOST))
                    .as("records lost by " + victim)
                    .isZero();
        }
        tally.addAll(of);
    }

    private void count(Stream<Damage> damages, Inspection inspection, Tally of) {
        damages.forEach(damage -> {
            try {
                of.count(damage.kind(), inspection.of(damage));
            } catch (AssertionError e) {
                wrong.add(e);
            }
        });
    }

    private void assertNothingWrong(String what) {
        System.out.println(what + "\n" + tally);
        if (!wrong.isEmpty()) {
            throw new AssertionError(wrong.size() + " failures; the first: " + wrong.peek(), wrong.peek());
        }
        for (Outcome outcome : Outcome.values()) {
            assertThat(tally.total(outcome)).as(outcome.toString()).isPositive();
        }
    }
}
