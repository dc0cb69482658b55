package dev.holdfast.testkit.explorer;

import dev.holdfast.testkit.disk.CrashDisk;
import dev.holdfast.testkit.disk.Damage;
import dev.holdfast.testkit.disk.Fault;
import dev.holdfast.testkit.disk.PowerCut;
import dev.holdfast.wal.commit.LogSettings;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs workloads against a log and crashes the log at every moment. After each crash, the explorer opens the log on the
 * remaining disk and compares its contents with the expectation. Then it runs more actions and crashes the log again,
 * also during recovery.
 *
 * <p>Deterministic: everything depends on the workload and its seed. The seed selects crashes if there are too many to
 * explore all. A failure is reported as a {@link CrashFailure}, whose replay reproduces only this failure. Not
 * thread-safe.
 */
public final class Explorer {
    private interface Part {
        void run() throws IOException;
    }

    private static final int FLIP_EACH_BITS = 64 * Byte.SIZE;
    private static final int ZERO_EACH_BITS = 512 * Byte.SIZE;

    private final Subject subject;
    private final Effort effort;
    private final Images images;
    private final Statistics statistics = new Statistics();
    private long lastImage = Long.MAX_VALUE;
    private @Nullable PrintStream trace;

    public Explorer(Subject subject, Effort effort) {
        this(subject, effort, new Images());
    }

    Explorer(Subject subject, Effort effort, Images images) {
        this.subject = subject;
        this.effort = effort;
        this.images = images;
    }

    /** Returns the counts of everything explored so far. */
    public Statistics statistics() {
        return statistics;
    }

    /**
     * Runs one exploration.
     *
     * @throws CrashFailure if the log violates its contract
     */
    public void explore(Job job) {
        statistics.begin(job.name());
        lastImage = statistics.images() + effort.maxImages();
        Replay start = new Replay(job.seed(), job.settings(), job.workload(), null, List.of());
        switch (job.kind()) {
            case CRASHES -> exploreCrashes(start);
            case ERRORS -> exploreFaults(start, Fault.Kind.ERROR);
            case NO_SPACE -> exploreFaults(start, Fault.Kind.NO_SPACE);
            case SMALL_DISK -> exploreFaults(start, Fault.Kind.BLOCKS);
            case READ_ERRORS -> exploreFaults(start, Fault.Kind.READ);
            case DAMAGE -> exploreDamage(start);
        }
    }

    /**
     * Crashes a workload at every crash point.
     *
     * @throws CrashFailure if the log violates its contract
     */
    public void explore(long seed, LogSettings settings, Workload workload) {
        explore(new Job("crashes", seed, settings, workload, Job.Kind.CRASHES));
    }

    private void exploreCrashes(Replay start) {
        Session session = run(start);
        statistics.workload(session.points().size());
        for (CrashPoint point : session.points()) {
            crashAt(point, start, true);
        }
    }

    private void exploreFaults(Replay start, Fault.Kind kind) {
        Session session = run(start);
        long steps = switch (kind) {
            case READ -> session.disk().reads();
            case BLOCKS -> session.mostBlocks();
            default -> session.disk().steps();
        };
        long stride = Math.max(1, steps / effort.faults());
        for (long step = stride == 1 ? 0 : new SplittableRandom(start.seed()).nextLong(stride);
                step < steps;
                step += stride) {
            exploreFault(start.with(start.workload(), new Fault(step, kind, true)));
            if (kind != Fault.Kind.BLOCKS) {
                exploreFault(start.with(start.workload(), new Fault(step, kind, false)));
            }
        }
    }

    private void exploreFault(Replay start) {
        Session session = run(start);
        List<CrashPoint> struck =
                session.points().stream().filter(CrashPoint::struck).toList();
        if (struck.isEmpty()) {
            return; // the chosen operation does not fail with this kind of fault
        }
        statistics.fault();
        statistics.workload(struck.size());
        SplittableRandom random = new SplittableRandom(start.seedHere());
        crashAt(struck.get(0), start, false);
        for (int i = 1; i < effort.faultPoints(); i++) {
            crashAt(struck.get(random.nextInt(struck.size())), start, false);
        }
    }

    /** Damages a closed log in one place per image: flips one bit in each 64 bytes, and zeroes each sector. */
    private void exploreDamage(Replay start) {
        Session session = run(start);
        List<CrashPoint> closed = session.closedPoints();
        statistics.workload(closed.size());
        SplittableRandom random = new SplittableRandom(start.seedHere());
        for (CrashPoint point : closed) {
            List<Long> lengths = point.state().lengths();
            for (int file = 0; file < lengths.size(); file++) {
                for (long bit = 0; bit < lengths.get(file) * Byte.SIZE; bit += FLIP_EACH_BITS) {
                    damage(point, start, new Damage(file, bit + random.nextInt(FLIP_EACH_BITS), false));
                    if (bit % ZERO_EACH_BITS == 0) {
                        damage(point, start, new Damage(file, bit, true));
                    }
                }
            }
        }
    }

    private void damage(CrashPoint point, Replay start, Damage damage) {
        Crash crash = Crash.of(damage);
        CrashDisk image = crash.of(point.state());
        if (!images.visit(Mix.of(image.state().digest(), point.expectation().digest()))) {
            statistics.repeated();
            return;
        }
        Replay place = start.then(new Turn(point.number(), crash));
        guard(place, () -> describe(point, crash), () -> {
            boolean noticed = DamagedLog.check(
                    subject, place.settings(), image, point.expectation().base());
            statistics.damage(noticed);
        });
    }

    /**
     * Repeats the crashes of one failure only and prints the operations of the disk.
     *
     * @param replay the text that {@link CrashFailure#replay()} returned
     * @throws CrashFailure if the log still fails there
     */
    public void replay(String replay, PrintStream out) {
        trace = out;
        Replay target = Replay.parse(replay);
        Replay place = target.at(List.of());
        Session session = run(place);
        for (Turn turn : target.path()) {
            CrashPoint point = session.points().get(turn.point());
            out.println("crash at point " + point.number() + ": " + turn.crash() + "\n" + point.state()
                    + "the crash may leave " + point.expectation());
            Damage damage = turn.crash().damage();
            if (damage != null) {
                damage(point, place, damage);
                break;
            }
            place = place.then(turn);
            session = Objects.requireNonNull(visit(point, turn.crash(), place, true, false, true));
        }
        trace = null;
    }

    private Session run(Replay start) {
        CrashDisk disk = new CrashDisk();
        disk.fail(start.fault());
        Session session =
                new Session(subject, start.settings(), disk, Expectation.NEW, true, Era.FIRST, start.seedHere());
        session.record(trace);
        guard(start, () -> "none", () -> {
            session.open();
            session.performAll(start.workload());
        });
        return session;
    }

    /**
     * Crashes the log at one crash point in every way. If there are too many ways, selects some.
     *
     * @param exhaustive whether every crash point of the run is explored
     */
    private void crashAt(CrashPoint point, Replay place, boolean exhaustive) {
        crashWith(point, place, Crash.KILL, exhaustive && !point.killOnly());
        if (point.killOnly()) {
            return;
        }
        long seed = Mix.of(place.seedHere(), point.number());
        boolean all = point.state().combinations() <= effort.combinations();
        List<PowerCut> cuts = all ? point.state().combined() : point.state().cuts(effort.samples(), seed);
        for (PowerCut cut : cuts) {
            crashWith(point, place, Crash.of(cut), exhaustive && all);
        }
        for (PowerCut tear : point.state().tears(effort.tears(), seed)) {
            crashWith(point, place, Crash.of(tear), false);
        }
    }

    private void crashWith(CrashPoint point, Replay from, Crash crash, boolean exhaustive) {
        if (statistics.images() >= lastImage) {
            return;
        }
        Replay place = from.then(new Turn(point.number(), crash));
        boolean goesOn = depthOf(place) < effort.depth();
        Session session = visit(point, crash, place, goesOn, exhaustive, false);
        if (session == null || !goesOn) {
            return;
        }
        List<CrashPoint> points = session.points();
        if (effort.wholeOneIn() > 0 && Long.remainderUnsigned(session.seed(), effort.wholeOneIn()) == 0) {
            for (CrashPoint inner : points) {
                crashAt(inner, place, true);
            }
            return;
        }
        SplittableRandom random = new SplittableRandom(session.seed());
        CrashPoint end = points.get(points.size() - 1);
        crashWith(end, place, Crash.of(PowerCut.NOTHING), false);
        for (int i = 0; i < effort.innerPoints(); i++) {
            CrashPoint inner = points.get(random.nextInt(points.size()));
            crashWith(inner, place, draw(inner, random), false);
        }
    }

    private static Crash draw(CrashPoint point, SplittableRandom random) {
        if (point.killOnly() || random.nextInt(4) == 0) {
            return Crash.KILL;
        }
        List<PowerCut> cuts = point.state().cuts(6, random.nextLong());
        return Crash.of(cuts.get(random.nextInt(cuts.size())));
    }

    /**
     * Opens the log after one crash, compares its contents and runs a few more actions.
     *
     * @param recording whether the session records its crash points
     * @param exhaustive whether this crash point and all other crash points of its run are explored in every way
     * @param again whether to visit the disk even if the same disk was visited before
     * @return the session; null if the disk was visited before and {@code again} is false
     */
    private @Nullable Session visit(
            CrashPoint point, Crash crash, Replay place, boolean recording, boolean exhaustive, boolean again) {
        CrashDisk image = crash.of(point.state());
        Expectation expectation = crash.isPowerCut() ? point.expectation().afterPowerCut() : point.expectation();
        long digest = image.state().digest();
        long disk = crash.isPowerCut() ? digest : image.state().deepDigest();
        long key = Mix.of(
                Mix.of(disk, expectation.digest()),
                Mix.of(place.settings().hashCode(), depthOf(place) * 2L + (crash.isPowerCut() ? 1 : 0)));
        boolean isExhaustive = exhaustive && images.addExhaustive(digest);
        if (!images.visit(key) && !again) {
            if (isExhaustive) {
                statistics.promoted();
            } else {
                statistics.repeated();
            }
            return null;
        }
        statistics.image(point.kind(), !crash.isPowerCut(), images.add(digest), isExhaustive);
        Session session = session(image, expectation, crash, place, point.era().crashed(), key);
        guard(place, () -> describe(point, crash), () -> {
            if (!crash.isPowerCut() || depthOf(place) == 1 || (key & 6) == 0) {
                OptionalLong proven = session.watch();
                if (!crash.isPowerCut() && proven.isPresent()) {
                    requireProof(proven.getAsLong(), point, place, key);
                }
            }
            if (recording) {
                session.record(trace);
            }
            session.open();
            if (depthOf(place) == 1 || (key & 1) == 0) {
                session.performAll(Aftermath.draw(key));
            }
        });
        return session;
    }

    /** Checks that every record which a read-only log reports as durable survives the loss of all unsynced changes. */
    private void requireProof(long provenTo, CrashPoint point, Replay place, long seed) throws IOException {
        Crash cut = Crash.of(PowerCut.NOTHING);
        Expectation expectation = point.expectation().afterPowerCut().shown(provenTo, true);
        session(cut.of(point.state()), expectation, cut, place, point.era(), seed)
                .watch();
    }

    private Session session(CrashDisk image, Expectation expectation, Crash crash, Replay place, Era era, long seed) {
        return new Session(subject, place.settings(), image, expectation, crash.isPowerCut(), era, seed);
    }

    private static int depthOf(Replay place) {
        return place.path().size();
    }

    private static String describe(CrashPoint point, Crash crash) {
        return point + ", " + crash;
    }

    private static void guard(Replay place, Supplier<String> where, Part part) {
        try {
            part.run();
        } catch (IOException | RuntimeException | Error e) {
            throw new CrashFailure(place, where.get(), e);
        }
    }
}
