package dev.holdfast.testkit.explorer;

import dev.holdfast.testkit.disk.CrashDisk;
import dev.holdfast.testkit.disk.Cut;
import dev.holdfast.testkit.disk.Fault;
import dev.holdfast.wal.engine.LogSettings;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Runs workloads against a log, crashes at every moment, opens the log on what is left, and compares it with what must be there. Then
 * it goes on and crashes again: also the recovery.
 *
 * <p>Everything follows from the seed. A fault is reported as a {@link CrashFailure}, whose replay leads to the same place
 * alone. Not thread-safe.
 */
public final class Explorer {
    private interface Part {
        void run() throws IOException;
    }

    private final Subject subject;
    private final Effort effort;
    private final Statistics statistics = new Statistics();
    private LongSet seen = new LongSet();
    private long lastImage;
    private @Nullable PrintStream trace;

    public Explorer(Subject subject, Effort effort) {
        this.subject = subject;
        this.effort = effort;
    }

    /** What was done so far. */
    public Statistics statistics() {
        return statistics;
    }

    /**
     * Crashes a workload everywhere.
     *
     * @throws CrashFailure if the log is not what it must be
     */
    public void explore(long seed, LogSettings settings, Workload workload) {
        begin();
        Replay start = new Replay(seed, settings, workload, null, List.of());
        Session session = run(start);
        statistics.workload(session.points().size());
        for (CrashPoint point : session.points()) {
            crashAt(point, start, effort.imagesPerPoint());
        }
    }

    /**
     * Makes the operations of a workload fail, once or for good, one in each run, and crashes after that.
     *
     * @param kind how they fail
     * @throws CrashFailure if the log is not what it must be
     */
    public void exploreFaults(long seed, LogSettings settings, Workload workload, Fault.Kind kind) {
        begin();
        Replay start = new Replay(seed, settings, workload, null, List.of());
        long steps = run(start).disk().steps();
        long stride = Math.max(1, steps / effort.faults());
        for (long step = new SplittableRandom(seed).nextLong(stride); step < steps; step += stride) {
            exploreFault(start.with(workload, new Fault(step, kind, false)));
            exploreFault(start.with(workload, new Fault(step, kind, true)));
        }
    }

    private void exploreFault(Replay start) {
        Session session = run(start);
        List<CrashPoint> struck =
                session.points().stream().filter(CrashPoint::struck).toList();
        if (struck.isEmpty()) {
            return; // the operation can not fail in this way
        }
        statistics.fault();
        statistics.workload(struck.size());
        SplittableRandom random = new SplittableRandom(start.seedHere());
        crashAt(struck.get(0), start, 2);
        for (int i = 1; i < effort.faultPoints(); i++) {
            crashAt(struck.get(random.nextInt(struck.size())), start, 3);
        }
    }

    /**
     * Goes to one place and nowhere else, and prints what happens to the disk on the way.
     *
     * @param replay from {@link CrashFailure#replay()}
     * @throws CrashFailure if the log still fails there
     */
    public void replay(String replay, PrintStream out) {
        trace = out;
        Replay target = Replay.parse(replay);
        Replay place = target.at(List.of());
        Session session = run(place);
        for (Turn turn : target.path()) {
            CrashPoint point = session.points().get(turn.point());
            out.println("crash at " + point.number() + ": " + turn.crash() + "\n" + point.state() + "it may leave "
                    + point.expectation());
            place = place.then(turn);
            seen = new LongSet();
            session = Objects.requireNonNull(visit(point, turn.crash(), place, true));
        }
        trace = null;
    }

    private void begin() {
        seen = new LongSet();
        lastImage = statistics.images() + effort.maxImages();
    }

    private Session run(Replay start) {
        CrashDisk disk = new CrashDisk();
        disk.fail(start.fault());
        Session session = new Session(subject, start.settings(), disk, Expectation.NEW, true, start.seedHere());
        session.record(trace);
        guard(start, "none", () -> {
            session.open();
            session.performAll(start.workload());
        });
        return session;
    }

    private void crashAt(CrashPoint point, Replay place, int images) {
        crashWith(point, place, Crash.KILL);
        if (!point.killOnly()) {
            long seed = Mix.of(place.seedHere(), point.number());
            for (Cut cut : point.state().cuts(images - 1, seed)) {
                crashWith(point, place, new Crash(cut));
            }
        }
    }

    private void crashWith(CrashPoint point, Replay from, Crash crash) {
        if (statistics.images() >= lastImage) {
            return;
        }
        Replay place = from.then(new Turn(point.number(), crash));
        boolean goesOn = depthOf(place) < effort.depth();
        Session session = visit(point, crash, place, goesOn);
        if (session == null || !goesOn) {
            return;
        }
        SplittableRandom random = new SplittableRandom(place.seedHere());
        List<CrashPoint> points = session.points();
        CrashPoint end = points.get(points.size() - 1);
        crashWith(end, place, new Crash(Cut.NOTHING));
        for (int i = 0; i < effort.innerPoints(); i++) {
            CrashPoint inner = points.get(random.nextInt(points.size()));
            for (int j = 0; j < effort.innerImages(); j++) {
                crashWith(inner, place, draw(inner, random));
            }
        }
    }

    private static Crash draw(CrashPoint point, SplittableRandom random) {
        if (point.killOnly() || random.nextInt(4) == 0) {
            return Crash.KILL;
        }
        List<Cut> cuts = point.state().cuts(6, random.nextLong());
        return new Crash(cuts.get(random.nextInt(cuts.size())));
    }

    /**
     * Opens the log after one crash, compares, and goes on a little. Null if that was done before with the same disk.
     *
     * @param recording whether the session notes its crash points
     */
    private @Nullable Session visit(CrashPoint point, Crash crash, Replay place, boolean recording) {
        CrashDisk image = crash.of(point.state());
        Expectation expectation = crash.isPowerCut() ? point.expectation().afterPowerCut() : point.expectation();
        long digest = image.state().digest();
        if (crash.isPowerCut() && !seen.add(Mix.of(Mix.of(digest, expectation.digest()), depthOf(place)))) {
            statistics.repeated();
            return null;
        }
        statistics.image(point.kind(), crash.isPowerCut(), digest);
        Session session = session(image, expectation, crash, place);
        guard(place, describe(point, crash), () -> {
            OptionalLong proven = session.watch();
            if (!crash.isPowerCut() && proven.isPresent()) {
                requireProof(proven.getAsLong(), point, place);
            }
            if (recording) {
                session.record(trace);
            }
            session.open();
            if (depthOf(place) == 1 || (place.seedHere() & 1) == 0) {
                boolean removals = place.workload().removes();
                session.performAll(Aftermath.draw(place.seedHere(), removals));
            }
        });
        return session;
    }

    /** What a log opened read-only calls durable must survive the loss of everything unsynced. */
    private void requireProof(long provenTo, CrashPoint point, Replay place) throws IOException {
        Crash cut = new Crash(Cut.NOTHING);
        Expectation expectation = point.expectation().afterPowerCut().shown(provenTo, true);
        session(cut.of(point.state()), expectation, cut, place).watch();
    }

    private Session session(CrashDisk image, Expectation expectation, Crash crash, Replay place) {
        return new Session(subject, place.settings(), image, expectation, crash.isPowerCut(), place.seedHere());
    }

    private static int depthOf(Replay place) {
        return place.path().size();
    }

    private static String describe(CrashPoint point, Crash crash) {
        return point + ", " + crash;
    }

    private static void guard(Replay place, String where, Part part) {
        try {
            part.run();
        } catch (IOException | RuntimeException | Error e) {
            throw new CrashFailure(place, where, e);
        }
    }
}
