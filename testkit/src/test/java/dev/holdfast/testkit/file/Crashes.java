package dev.holdfast.testkit.file;

import dev.holdfast.testkit.disk.CrashDisk;
import dev.holdfast.testkit.disk.DiskState;
import dev.holdfast.testkit.disk.DiskStep;
import dev.holdfast.testkit.disk.DiskStep.Moment;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Records the disk at each moment of an action at which a crash can happen. */
final class Crashes {
    /** The action to run. */
    interface Action {
        void run() throws IOException;
    }

    /**
     * One moment at which a crash can happen.
     *
     * @param step the operation of the disk
     * @param moment the moment within the operation
     * @param state the state of the disk
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
