package dev.holdfast.bench.child;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.bench.contender.Contender;
import dev.holdfast.bench.contender.Opening;
import dev.holdfast.bench.contender.Peer;
import dev.holdfast.bench.contender.ReadsBack;
import dev.holdfast.bench.contender.Survives;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The tests that every adapter passes: each job with a tiny log, and that acknowledged records are in the log. */
public interface ContenderContract {
    int RECORD_BYTES = 300;
    int LOG_BYTES = 300_000;
    /** The jobs that only few contenders support. */
    Set<Job> FOR_FEW = EnumSet.of(Job.APPLYING_CALLERS, Job.FUTURE_CALLERS, Job.FOLLOW, Job.MANY_SEGMENTS);

    Peer peer();

    default String variant() {
        return "default";
    }

    /** Returns the jobs that this contender does not support. */
    default Set<Job> unsupported() {
        return EnumSet.noneOf(Job.class);
    }

    /** Returns those of the jobs {@link #FOR_FEW} that this contender supports. */
    default Set<Job> supportedForFew() {
        return EnumSet.noneOf(Job.class);
    }

    /** Returns the jobs to test. A contender with several variants tests most jobs with only one of them. */
    default Set<Job> tried() {
        return EnumSet.complementOf(EnumSet.of(Job.FILL_AND_HALT, Job.DAMAGE));
    }

    @ParameterizedTest
    @EnumSource(Job.class)
    default void everyJobCompletesOrIsUnsupported(Job job, @TempDir Path temporary) throws Exception {
        Assumptions.assumeTrue(tried().contains(job));
        Assumptions.assumeFalse(job == Job.VIRTUAL_CALLERS && Runtime.version().feature() < 21);
        Assumptions.assumeTrue(
                job != Job.WRITTEN_BYTES || Device.below(temporary).isPresent());
        Opening opening = opening(temporary);
        Task task = task(job, opening);
        boolean forFew = FOR_FEW.contains(job) && !supportedForFew().contains(job);
        if (unsupported().contains(job) || forFew) {
            assertThatThrownBy(() -> Jobs.run(task, peer())).isInstanceOf(UnsupportedOperationException.class);
        } else {
            verify(job, Jobs.run(task, peer()));
        }
    }

    private static void verify(Job job, Measurement measurement) {
        switch (job) {
            case PREPARE, WARM_UP, FILL_AND_HALT, PROVE ->
                assertThat(measurement.records()).isZero();
            case OPEN -> assertThat(measurement.latency().getTotalCount()).isPositive();
            case WRITTEN_BYTES -> assertThat(measurement.figures()).containsKey(Figure.WRITTEN_BYTES_PER_BYTE);
            default -> {
                assertThat(measurement.records()).isPositive();
                assertThat(measurement.bytes()).isEqualTo(measurement.records() * RECORD_BYTES);
                assertThat(measurement.latency().getTotalCount()).isPositive();
            }
        }
    }

    /** Returns whether the contender detects damage when it reads. */
    default boolean noticesDamage() {
        return false;
    }

    @Test
    default void damageIsDetectedOnReadingIfTheContenderClaimsIt(@TempDir Path temporary) throws Exception {
        Measurement measured = Jobs.run(task(Job.DAMAGE, opening(temporary)), peer());

        assertThat(measured.figures()).containsEntry(Figure.NOTICES_DAMAGE, noticesDamage() ? 1.0 : 0.0);
    }

    @Test
    default void everythingAcknowledgedIsReadBack(@TempDir Path temporary) throws Exception {
        Opening opening = opening(temporary);
        Records records = new Records(RECORD_BYTES);
        try (Contender contender = peer().open(opening)) {
            for (int i = 0; i < 10; i++) {
                contender.append(records.get(i));
            }
            contender.appendBatch(records.batch(20));
            Flight flight = new Flight(contender, 16);
            for (int i = 0; i < 40; i++) {
                flight.append(records.get(i), start -> {});
            }
            flight.land();
            assertThat(flight.acknowledged()).isEqualTo(40);
        }
        try (Contender contender = peer().open(opening)) {
            if (contender instanceof ReadsBack reading) {
                ReadsBack.ReadBack read = reading.readAll();
                assertThat(read.records()).isGreaterThanOrEqualTo(70);
                assertThat(read.bytes()).isEqualTo(read.records() * RECORD_BYTES);
            }
        }
    }

    private Opening opening(Path temporary) throws IOException {
        Path directory = Files.createDirectory(temporary.resolve("log"));
        return new Opening(directory, variant(), Survives.POWER_LOSS, RECORD_BYTES);
    }

    private static Task task(Job job, Opening opening) {
        int depth = job == Job.PROVE ? 2 : 4;
        long trimEveryBytes = job == Job.TIMELINE ? 3_000 : 0;
        long duePerSecond = job == Job.OPEN_LOOP ? 50 : 0;
        return new Task(job, opening, depth, 20, 80, LOG_BYTES, trimEveryBytes, duePerSecond);
    }
}
