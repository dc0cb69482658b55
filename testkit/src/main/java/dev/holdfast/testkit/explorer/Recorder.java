package dev.holdfast.testkit.explorer;

import dev.holdfast.testkit.disk.CrashDisk;
import dev.holdfast.testkit.disk.DiskState;
import dev.holdfast.testkit.disk.DiskStep;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Notes the moments of a session at which a crash may happen: one for each change of the disk or of what a crash may leave. */
final class Recorder {
    private final CrashDisk disk;
    private final Supplier<Expectation> expectation;
    private final List<CrashPoint> points = new ArrayList<>();
    private final @Nullable PrintStream trace;
    private String doing = "open";

    /**
     * Begins to listen to the disk.
     *
     * @param expectation what a crash may leave at the moment of the call
     * @param trace where each crash point is printed
     */
    Recorder(CrashDisk disk, Supplier<Expectation> expectation, @Nullable PrintStream trace) {
        this.disk = disk;
        this.expectation = expectation;
        this.trace = trace;
        disk.listen(this::note);
    }

    List<CrashPoint> points() {
        return points;
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
        if (!points.isEmpty()) {
            CrashPoint last = points.get(points.size() - 1);
            if (last.state() == state && last.expectation().sameAs(now)) {
                return;
            }
        }
        CrashPoint point = new CrashPoint(points.size(), doing, step, moment, state, now, disk.strikes() > 0);
        points.add(point);
        if (trace != null) {
            trace.println("  " + point.number() + "  " + point);
        }
    }
}
