package dev.holdfast.spec;

import dev.holdfast.spec.Trace.Event;
import dev.holdfast.testkit.disk.CrashDisk;
import dev.holdfast.testkit.disk.DiskStep;
import dev.holdfast.testkit.disk.PowerCut;
import dev.holdfast.testkit.explorer.SimulatedEnvironment;
import dev.holdfast.testkit.explorer.StoredLogSubject;
import dev.holdfast.wal.Log;
import dev.holdfast.wal.commit.LogSettings;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;

/**
 * Runs a log on the simulated disk of the crash explorer, with crashes in the middle of calls and of recoveries, and
 * records what the disk holds after each of its changes. The bytes of each record begin with the record's number.
 * Everything follows from a seed.
 */
final class TracedRun {
    private static final LogSettings SETTINGS = new LogSettings(8 << 10, 8 << 10, 16 << 10, 1 << 20, true, 8);

    /** Ends the call in which the simulated process dies. */
    private static final class Died extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    private final CrashDisk disk = new CrashDisk();
    private final SplittableRandom random;
    private final long seed;
    private final List<Event> events = new ArrayList<>();
    private Observed seen = Observed.of(disk.state());
    private SimulatedEnvironment environment = new SimulatedEnvironment(0);
    /** Number of the record appended last. */
    private long number;

    /** Largest number of a record that was ever visible. */
    private long newest;

    private long stepsToLive;
    private boolean dead;

    private TracedRun(long seed) {
        this.seed = seed;
        this.random = new SplittableRandom(seed);
    }

    /** Returns the trace of a random run with this number of calls. */
    static Trace of(long seed, int calls) {
        TracedRun run = new TracedRun(seed);
        run.run(calls);
        return new Trace(run.events);
    }

    private void run(int calls) {
        disk.listen((step, moment) -> {
            // A process that dies within a write leaves bytes that the module does not know: it knows only whole
            // writes.
            if (moment != DiskStep.Moment.WITHIN) step(moment);
        });
        stepsToLive = Long.MAX_VALUE;
        Log log = open();
        for (int i = 0; i < calls; i++) {
            stepsToLive = random.nextInt(6) == 0 ? random.nextInt(20) : Long.MAX_VALUE;
            try {
                if (random.nextInt(12) == 0) throw new Died();
                if (random.nextInt(12) == 0) {
                    log.close();
                    crash(false);
                    log = open();
                } else {
                    call(log);
                }
            } catch (IOException | RuntimeException | Error e) {
                if (!dead && !(e instanceof Died)) throw new AssertionError("seed " + seed + ", call " + i, e);
                crash(true);
                stepsToLive = random.nextInt(3) == 0 ? random.nextInt(30) : Long.MAX_VALUE;
                log = reopen();
            }
        }
    }

    private Log reopen() {
        while (true) {
            try {
                return open();
            } catch (Died e) {
                crash(true);
                stepsToLive = random.nextInt(2) == 0 ? random.nextInt(30) : Long.MAX_VALUE;
            }
        }
    }

    private Log open() {
        environment = new SimulatedEnvironment(random.nextLong());
        try {
            Log log = new StoredLogSubject().open(disk.process(), SETTINGS, environment.environment());
            long next = log.nextId();
            add("opened", log.firstId().orElse(next), next);
            return log;
        } catch (IOException | RuntimeException | Error e) {
            if (dead) throw new Died();
            throw new AssertionError("seed " + seed + ": open", e);
        }
    }

    private void call(Log log) throws IOException {
        long first = log.firstId().orElse(log.nextId());
        long next = log.nextId();
        boolean empty = log.firstId().isEmpty();
        switch (random.nextInt(9)) {
            case 0 -> {
                if (empty) return;
                long last = first - 1 + random.nextInt((int) (next - first));
                log.truncate(last);
            }
            case 1 -> {
                if (empty) return;
                log.trim(first + random.nextInt((int) (next - first)));
            }
            case 2 -> {
                if (random.nextInt(3) > 0) return;
                log.reset(random.nextBoolean() ? 1 : next + 1);
            }
            case 3 -> {
                environment.idle();
                return;
            }
            case 4 -> {
                CompletableFuture<Long> one = log.appendAllAsync(records());
                CompletableFuture<Long> two = log.appendAllAsync(records());
                while (environment.run(SimulatedEnvironment.Queue.WRITING)
                        || environment.run(SimulatedEnvironment.Queue.COMPLETING)) {}
                one.join();
                two.join();
            }
            default -> log.appendAll(records());
        }
        add("returned", 0, log.nextId());
    }

    private List<ByteBuffer> records() {
        List<ByteBuffer> records = new ArrayList<>();
        for (int i = random.nextInt(2); i < 2; i++) {
            records.add(ByteBuffer.allocate(8 + random.nextInt(600)).putLong(0, ++number));
        }
        return records;
    }

    private void step(DiskStep.Moment moment) {
        if (dead || stepsToLive-- == 0) {
            dead = true;
            throw new Died();
        }
        if (moment == DiskStep.Moment.WRITTEN || moment == DiskStep.Moment.AFTER) look();
    }

    private void look() {
        Observed now = Observed.of(disk.state());
        boolean changed = !now.visible().equals(seen.visible()) || !now.stable().equals(seen.stable());
        seen = now;
        newest = Math.max(newest, now.newest());
        if (changed) add("disk", 0, 0);
    }

    private void add(String kind, long first, long next) {
        if (dead) throw new Died();
        events.add(new Event(kind, first, next, seen.visible(), seen.stable()));
    }

    /** Ends the process. After a clean close, this shows nothing. */
    private void crash(boolean hard) {
        dead = false;
        look();
        boolean cut = hard && random.nextBoolean();
        if (cut) {
            disk.cutPower(PowerCut.random(random.nextLong()));
        } else {
            disk.kill();
        }
        seen = Observed.of(disk.state());
        number = newest;
        stepsToLive = Long.MAX_VALUE;
        if (hard) add("crash", 0, 0);
    }
}
