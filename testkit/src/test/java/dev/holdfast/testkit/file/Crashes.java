package dev.holdfast.testkit.file;

import dev.holdfast.testkit.disk.CrashDisk;
import dev.holdfast.testkit.disk.DiskState;
import dev.holdfast.testkit.disk.DiskStep;
import dev.holdfast.testkit.disk.DiskStep.Moment;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The disk at each moment of something at which a crash makes a difference. */
final class Crashes {
    /** What is done meanwhile. */
    interface Action {
        void run() throws IOException;
    }

    /**
     * One such moment.
     *
     * @param step the operation of the disk
     * @param moment when within it
     * @param state of the disk
     */
    record Point(DiskStep step, Moment moment, DiskState state) {}

    private Crashes() {}

    static List<Point> during(CrashDisk disk, Action action) throws IOException {
        List<Point> points = new ArrayList<>();
        disk.listen((step, moment) -> points.add(new Point(step, moment, disk.state())));
        try {
            action.run();
        } finally {
            disk.listen(null);
        }
        return points;
    }
}
