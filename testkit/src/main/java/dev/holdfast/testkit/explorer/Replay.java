package dev.holdfast.testkit.explorer;

import dev.holdfast.testkit.disk.Fault;
import dev.holdfast.wal.engine.LogSettings;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Leads to one place of an exploration.
 *
 * @param seed what chance was drawn from
 * @param fault what the disk was made to do wrong, if anything
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

    /** What chance is drawn from at this place. */
    long seedHere() {
        long here = Mix.of(seed, 1);
        for (Turn turn : path) {
            here = Mix.of(Mix.of(here, turn.point()), turn.crash().toString().hashCode());
        }
        return here;
    }

    /** The exploration that leads here. */
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

    /** The words that {@link #toString()} gives: seed, settings, fault, path and workload, separated by {@code |}. */
    static Replay parse(String text) {
        String[] parts = text.split("\\|", -1);
        if (parts.length != 5) {
            throw new IllegalArgumentException("a replay has 5 parts separated by |, was " + text);
        }
        return new Replay(
                Long.parseLong(parts[0]),
                settings(parts[1]),
                Workload.parse(parts[4]),
                parts[2].equals("-") ? null : Fault.parse(parts[2]),
                Turn.parseAll(parts[3]));
    }

    /** Six numbers in the order of {@link LogSettings}, {@code syncEachGroup} being 1 or 0. */
    static LogSettings settings(String text) {
        long[] numbers =
                Arrays.stream(text.split(",", -1)).mapToLong(Long::parseLong).toArray();
        if (numbers.length != 6) {
            throw new IllegalArgumentException("expected six numbers, was " + text);
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
