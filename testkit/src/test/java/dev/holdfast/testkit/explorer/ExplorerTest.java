package dev.holdfast.testkit.explorer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.holdfast.wal.commit.LogSettings;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ExplorerTest {
    private static final Set<Workload.Feature> ALL = EnumSet.allOf(Workload.Feature.class);
    private static final PrintStream NOWHERE = new PrintStream(OutputStream.nullOutputStream());

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void correctLogPasses(boolean syncEachGroup) {
        Explorer explorer = new Explorer(ToyLog.subject(), Effort.QUICK);
        for (long seed = 0; seed < 10; seed++) {
            explorer.explore(seed, settings(syncEachGroup), Workload.random(seed, 15, ALL));
        }
        assertThat(explorer.statistics().images()).isGreaterThan(2000);
        assertThat(explorer.statistics().distinctImages()).isGreaterThan(1000);
        if (syncEachGroup) {
            assertThat(explorer.statistics().neverCut()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void correctLogPassesWhenOperationsFail(boolean syncEachGroup) {
        Explorer explorer = new Explorer(ToyLog.subject(), Effort.QUICK);
        for (long seed = 0; seed < 8; seed++) {
            explorer.explore(
                    new Job("faults", seed, settings(syncEachGroup), Workload.random(seed, 15, ALL), Job.Kind.ERRORS));
        }
        assertThat(explorer.statistics().faults()).isGreaterThan(50);
    }

    @ParameterizedTest
    @EnumSource
    void everyFlawIsFoundAndReplayed(ToyLog.Flaw flaw) {
        CrashFailure failure = find(flaw);
        CrashFailure again = catchThrowableOfType(
                CrashFailure.class,
                () -> new Explorer(ToyLog.subject(flaw), Effort.QUICK).replay(failure.replay(), NOWHERE));
        assertThat(again).hasMessage(failure.getMessage());
    }

    @Test
    void sameSeedGivesTheSameExploration() {
        Explorer one = new Explorer(ToyLog.subject(), Effort.QUICK);
        Explorer other = new Explorer(ToyLog.subject(), Effort.QUICK);
        for (Explorer explorer : new Explorer[] {one, other}) {
            explorer.explore(9, settings(true), Workload.random(9, 10, ALL));
        }
        assertThat(one.statistics().images()).isEqualTo(other.statistics().images());
        assertThat(one.statistics().distinctImages())
                .isEqualTo(other.statistics().distinctImages());
        assertThat(one.statistics().imagesByStep()).isEqualTo(other.statistics().imagesByStep());
    }

    @Test
    void logThatDoesNotOpenOnAFullDiskIsFound() {
        assertThatThrownBy(() -> new Explorer(ToyLog.subject(), Effort.QUICK)
                        .explore(new Job(
                                "faults", 1, settings(true), Workload.parse("append 10; reopen"), Job.Kind.NO_SPACE)))
                .hasMessageContaining("the log does not open on a full disk");
    }

    @Test
    void failingWorkloadIsShrunk() {
        Workload workload = Workload.parse("append 5,6,7; sync; reopen; trim 1; append 9,9; idle; put 0 3; check");
        Subject subject = ToyLog.subject(ToyLog.Flaw.TRIMS_ONE_TOO_MANY);
        CrashFailure failure = catchThrowableOfType(
                CrashFailure.class, () -> new Explorer(subject, Effort.QUICK).explore(1, settings(true), workload));
        CrashFailure shorter = new Shrinker(subject, Effort.QUICK, 100).shrink(failure);
        assertThat(shorter.place().workload().actions().size()).isLessThan(4);
        assertThatThrownBy(() -> new Explorer(subject, Effort.QUICK).replay(shorter.replay(), NOWHERE))
                .hasMessage(shorter.getMessage());
    }

    @Test
    void printedWorkloadAndReplayCanBeParsed() {
        for (long seed = 0; seed < 100; seed++) {
            Workload workload = Workload.random(seed, 30, ALL);
            assertThat(Workload.parse(workload.toString())).hasToString(workload.toString());
        }
        String replay = "-5|8192,8192,16384,1048576,1,8|error-3-lasting|17.only3/4.kill/0.random99|append 1,2; kill";
        assertThat(Replay.parse(replay)).hasToString(replay);
    }

    private static CrashFailure find(ToyLog.Flaw flaw) {
        Explorer explorer = new Explorer(ToyLog.subject(flaw), Effort.QUICK);
        return catchThrowableOfType(CrashFailure.class, () -> {
            for (long seed = 0; seed < 20; seed++) {
                Workload workload = Workload.random(seed, 15, ALL);
                explorer.explore(seed, settings(seed % 2 == 0), workload);
                explorer.explore(new Job("faults", seed, settings(true), workload, Job.Kind.ERRORS));
            }
        });
    }

    private static LogSettings settings(boolean syncEachGroup) {
        return new LogSettings(8192, 8192, 16384, 1 << 20, syncEachGroup, 8);
    }
}
