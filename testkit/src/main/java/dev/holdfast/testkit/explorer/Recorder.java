package dev.holdfast.testkit.explorer;

import dev.holdfast.testkit.disk.CrashDisk;
import dev.holdfast.testkit.disk.DiskState;
import dev.holdfast.testkit.disk.DiskStep;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Records the moments of a session at which a crash may happen. A moment is recorded if the disk or the expectation has
 * changed since the last recorded moment.
 */
final class Recorder {
    private final CrashDisk disk;
    private final Supplier<Expectation> expectation;
    private final Supplier<Era> era;
    private final List<CrashPoint> points = new ArrayList<>();
    private final List<CrashPoint> closed = new ArrayList<>();
    private final @Nullable PrintStream trace;
    private String doing = "open";

    /**
     * Starts to listen to the disk.
     *
     * @param expectation called at each moment; returns the contents that a crash at that moment may leave
     * @param era called at each moment; returns the era of that moment
     * @param trace receives a line for each crash point; null if none
     */
    Recorder(CrashDisk disk, Supplier<Expectation> expectation, Supplier<Era> era, @Nullable PrintStream trace) {
        this.disk = disk;
        this.expectation = expectation;
        this.era = era;
        this.trace = trace;
        disk.listen(this::note);
    }

    List<CrashPoint> points() {
        return points;
    }

    /** Returns the crash points directly after each clean close of the log. */
    List<CrashPoint> closed() {
        return closed;
    }

    /** Records that the log was closed without an error. */
    void close() {
        end();
        closed.add(points.get(points.size() - 1));
    }

    /** Records that a call of the log begins. */
    void begin(String what) {
        doing = what;
    }

    /** Records that the call has returned. */
    void end() {
        note(null, DiskStep.Moment.AFTER);
    }

    private void note(@Nullable DiskStep step, DiskStep.Moment moment) {
        DiskState state = disk.state();
        Expectation now = expectation.get();
        CrashPoint last = points.isEmpty() ? null : points.get(points.size() - 1);
        if (last != null && last.state() == state) {
            // The disk is unchanged. If one expectation implies the other, checking the stricter expectation is enough.
            boolean stricter = now.isWithin(last.expectation());
            if (stricter || last.expectation().isWithin(now)) {
                Expectation known = stricter ? now : last.expectation();
                points.set(last.number(), last.with(known, era.get(), disk.strikes() > 0));
                return;
            }
        }
        CrashPoint point =
                new CrashPoint(points.size(), doing, step, moment, state, now, era.get(), disk.strikes() > 0);
        points.add(point);
        if (trace != null) {
            trace.println("  " + point.number() + "  " + point);
        }
    }
}
