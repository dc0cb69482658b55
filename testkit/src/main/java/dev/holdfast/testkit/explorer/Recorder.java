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
 * Notes the moments of a session at which a crash may happen: one for each change of the disk, or of what a crash may
 * leave.
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
     * Begins to listen to the disk.
     *
     * @param expectation what a crash may leave at the moment of the call
     * @param era what payloads and salts depend on at that moment
     * @param trace where each crash point is printed
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

    /** Those of them at which the log was closed. */
    List<CrashPoint> closed() {
        return closed;
    }

    /** The log has been closed, and nothing was wrong. */
    void close() {
        end();
        closed.add(points.get(points.size() - 1));
    }

    /** A call of the log begins. */
    void begin(String what) {
        doing = what;
    }

    /** It has returned. */
    void end() {
        note(null, DiskStep.Moment.AFTER);
    }

    private void note(@Nullable DiskStep step, DiskStep.Moment moment) {
        DiskState state = disk.state();
        Expectation now = expectation.get();
        CrashPoint last = points.isEmpty() ? null : points.get(points.size() - 1);
        if (last != null && last.state() == state) {
            // A log that holds on one disk what it may hold by the stricter expectation holds what it may by the other.
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
