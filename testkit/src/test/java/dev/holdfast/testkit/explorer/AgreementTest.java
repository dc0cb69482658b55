package dev.holdfast.testkit.explorer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.holdfast.wal.Log;
import dev.holdfast.wal.file.FileLog;
import dev.holdfast.wal.file.FileLogOptions;
import dev.holdfast.wal.memory.MemoryLog;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs long random histories with reopenings and compares the log on a real disk, the log in memory and the model: all
 * answers must be equal.
 *
 * <p>{@code -Dholdfast.histories=2000} sets the number of histories. {@code -Dholdfast.seed} and
 * {@code -Dholdfast.workload} replay one history.
 */
class AgreementTest {
    private static final int HISTORIES = Integer.getInteger("holdfast.histories", 10);
    private static final int ACTIONS = 300;
    private static final FileLogOptions SMALL =
            FileLogOptions.builder().segmentBytes(8 << 10).build();

    @TempDir
    Path directory;

    private int opened;

    /** Opens a log on a real disk, in its own directory. */
    private record OnDisk(Path directory) implements Agreement.Opener {
        @Override
        public Log open() throws IOException {
            return FileLog.open(directory, SMALL);
        }

        @Override
        public boolean persistent() {
            return true;
        }
    }

    /** Opens a log in memory. */
    private record InMemory() implements Agreement.Opener {
        @Override
        public Log open() {
            return new MemoryLog();
        }

        @Override
        public boolean persistent() {
            return false;
        }
    }

    private List<Agreement.Opener> both() {
        return List.of(new OnDisk(directory.resolve("log-" + opened++)), new InMemory());
    }

    @Test
    void fileLogMemoryLogAndModelAgreeOverLongHistories() throws Exception {
        long first = Long.getLong("holdfast.seed", new Random().nextLong());
        String script = System.getProperty("holdfast.workload");
        System.out.println("AgreementTest: rerun with -Dholdfast.seed=" + first);
        long calls = 0;
        for (int i = 0; i < (script == null ? HISTORIES : 1); i++) {
            long seed = first + i;
            Workload workload =
                    script == null ? Workload.random(seed, ACTIONS, Agreement.FEATURES) : Workload.parse(script);
            calls += agreeing(seed, workload);
        }
        System.out.println("AgreementTest: " + calls + " calls were compared, and all answers agreed");
        assertThat(calls).isPositive();
    }

    private long agreeing(long seed, Workload workload) throws IOException {
        try {
            return Agreement.require(seed, workload, both());
        } catch (Violation e) {
            throw new AssertionError(shrunk(seed, workload, e), e);
        }
    }

    private String shrunk(long seed, Workload workload, Violation original) {
        Workload shortest = Shrinker.shrink(workload, 300, shorter -> violation(seed, shorter) != null);
        Violation left = violation(seed, shortest);
        return (left == null ? original : left).getMessage() + "\nto replay, run: mvn test -pl core,repair,testkit"
                + " -Dtest=AgreementTest -Dsurefire.failIfNoSpecifiedTests=false -Dholdfast.seed=" + seed
                + " \"-Dholdfast.workload=" + shortest + "\"";
    }

    private @Nullable Violation violation(long seed, Workload workload) {
        try {
            Agreement.require(seed, workload, both());
            return null;
        } catch (Violation e) {
            return e;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A faulty log: after it is reopened it holds a record that nobody appended. */
    private static final class InventingOpener implements Agreement.Opener {
        private int opened;

        @Override
        public Log open() {
            MemoryLog log = new MemoryLog();
            if (opened++ > 0) {
                log.append(new byte[1]);
            }
            return log;
        }

        @Override
        public boolean persistent() {
            return true;
        }
    }

    @Test
    void wrongAnswerIsFoundAndTheWorkloadIsShrunk() {
        Workload workload = Workload.random(1, 100, Agreement.FEATURES);
        assertThatExceptionOfType(Violation.class)
                .isThrownBy(() -> Agreement.require(1, workload, List.of(new InventingOpener())))
                .withMessageContaining("MemoryLog");
        Workload shortest = Shrinker.shrink(workload, 300, AgreementTest::inventedRecordIsFound);
        assertThat(shortest.actions()).containsExactly(Action.Plain.REOPEN);
    }

    private static boolean inventedRecordIsFound(Workload workload) {
        try {
            Agreement.require(1, workload, List.of(new InventingOpener()));
            return false;
        } catch (Violation e) {
            return true;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
