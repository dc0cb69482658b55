package dev.holdfast.testkit.explorer;

import dev.holdfast.testkit.disk.Fault;
import dev.holdfast.wal.commit.LogSettings;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Identifies one position of an exploration, so that a failure can be repeated.
 *
 * @param seed seed of all random choices
 * @param fault the simulated fault; null if there is none
 * @param path the crashes, in order
 */
record Replay(
        long seed,
        LogSettings settings,
        Workload workload,
        @Nullable Fault fault,
        List<Turn> path) {
    Replay at(List<Turn> otherPath) {
        return new Replay(seed, settings, workload, fault, otherPath);
    }

    Replay then(Turn turn) {
        List<Turn> longer = new ArrayList<>(path);
        longer.add(turn);
        return at(longer);
    }

    Replay with(Workload otherWorkload, @Nullable Fault otherFault) {
        return new Replay(seed, settings, otherWorkload, otherFault, List.of());
    }

    /** Returns the seed of the random choices at this position. */
    long seedHere() {
        long here = Mix.of(seed, 1);
        for (Turn turn : path) {
            here = Mix.of(Mix.of(here, turn.point()), turn.crash().toString().hashCode());
        }
        return here;
    }

    /** Returns the exploration that contains this position. */
    Job job() {
        return new Job("replay", seed, settings, workload, kind());
    }

    private Job.Kind kind() {
        if (path.stream().anyMatch(turn -> turn.crash().damage() != null)) {
            return Job.Kind.DAMAGE;
        }
        if (fault == null) {
            return Job.Kind.CRASHES;
        }
        return switch (fault.kind()) {
            case ERROR -> Job.Kind.ERRORS;
            case NO_SPACE -> Job.Kind.NO_SPACE;
            case READ -> Job.Kind.READ_ERRORS;
            case BLOCKS -> Job.Kind.SMALL_DISK;
        };
    }

    /**
     * Parses the text that {@link #toString()} returns: seed, settings, fault, path and workload, separated by
     * {@code |}.
     */
    static Replay parse(String text) {
        String[] parts = text.split("\\|", -1);
        if (parts.length != 5) {
            throw new IllegalArgumentException("expected a replay of 5 parts separated by |, found " + text);
        }
        return new Replay(
                Long.parseLong(parts[0]),
                settings(parts[1]),
                Workload.parse(parts[4]),
                parts[2].equals("-") ? null : Fault.parse(parts[2]),
                Turn.parseAll(parts[3]));
    }

    /** Parses six numbers in the order of {@link LogSettings}. The flag {@code syncEachGroup} is 1 or 0. */
    static LogSettings settings(String text) {
        long[] numbers =
                Arrays.stream(text.split(",", -1)).mapToLong(Long::parseLong).toArray();
        if (numbers.length != 6) {
            throw new IllegalArgumentException("expected six numbers, found " + text);
        }
        return new LogSettings(
                (int) numbers[0], (int) numbers[1], (int) numbers[2], numbers[3], numbers[4] == 1, (int) numbers[5]);
    }

    @Override
    public String toString() {
        String numbers = settings.segmentBytes() + "," + settings.firstSegmentBytes() + "," + settings.maxRecordBytes()
                + "," + settings.maxBytesInFlight() + "," + (settings.syncEachGroup() ? 1 : 0) + ","
                + settings.groupAlignment();
        return seed + "|" + numbers + "|" + (fault == null ? "-" : fault) + "|" + Turn.printAll(path) + "|" + workload;
    }
}
