package dev.holdfast.testkit.damage;

import dev.holdfast.testkit.disk.CrashDisk;
import dev.holdfast.testkit.disk.DiskState;
import dev.holdfast.testkit.disk.DiskStep;
import dev.holdfast.testkit.disk.DiskStep.Moment;
import dev.holdfast.testkit.disk.PowerCut;
import dev.holdfast.testkit.explorer.SimulatedEnvironment;
import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogCursor;
import dev.holdfast.wal.LogRecord;
import dev.holdfast.wal.commit.LogSettings;
import dev.holdfast.wal.engine.StoredLog;
import dev.holdfast.wal.storage.HeapStorage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/** Creates logs of several segments through the public API. Each log ends in a different way. */
final class Victims {
    private final LogSettings settings;
    private final SplittableRandom random;
    private final CrashDisk disk = new CrashDisk();
    private final Versions versions = new Versions();
    private SimulatedEnvironment workers = new SimulatedEnvironment(1);
    private final Map<Long, LogRecord> trimmed = new HashMap<>();
    private final int rounds;
    private Log log;

    private Victims(LogSettings settings, long seed, int rounds) throws IOException {
        this.settings = settings;
        this.random = new SplittableRandom(seed);
        this.rounds = rounds;
        disk.listen((step, moment) -> versions.look(disk, step, moment));
        log = StoredLog.open(disk.process(), settings, workers.environment());
    }

    /** A way in which a log ends. */
    private interface End {
        /** Ends the log and returns the state of the disk. */
        DiskState of(Victims life) throws IOException;
    }

    /**
     * Creates one log for each way to end.
     *
     * @param rounds number of rounds of appends
     */
    static List<Victim> of(LogSettings settings, long seed, int rounds) throws IOException {
        List<Victim> victims = new ArrayList<>();
        for (boolean removals : new boolean[] {false, true}) {
            String life = removals ? "with removals, " : "";
            victims.add(make(settings, seed, rounds, removals, life + "closed", true, Victims::closed));
            victims.add(make(settings, seed, rounds, removals, life + "reopened, closed", true, Victims::closedAgain));
            victims.add(make(settings, seed, rounds, removals, life + "idle, killed", true, Victims::idle));
            victims.add(make(settings, seed, rounds, removals, life + "killed", false, life1 -> life1.disk.state()));
            victims.add(
                    make(settings, seed, rounds, removals, life + "killed in a write", false, Victims::killedInAWrite));
            victims.add(make(
                    settings, seed, rounds, removals, life + "power cut in a write", false, Victims::powerCutInAWrite));
        }
        victims.add(make(settings, seed, rounds, true, "truncated, closed", true, Victims::truncatedAndClosed));
        return victims;
    }

    private static Victim make(
            LogSettings settings, long seed, int rounds, boolean removals, String name, boolean ended, End end)
            throws IOException {
        Victims life = new Victims(settings, seed, rounds);
        life.live(removals);
        CrashDisk left = end.of(life).killed();
        TreeMap<String, byte[]> files = Versions.bytes(left);
        List<LogRecord> held = new ArrayList<>();
        try (StoredLog log = StoredLog.openReadOnly(new HeapStorage(files), () -> 0);
                LogCursor cursor = log.cursor(0)) {
            while (cursor.next()) {
                held.add(cursor.record());
            }
        }
        String full = name + ", groups aligned to " + settings.groupAlignment();
        return new Victim(full, ended, files, life.versions.older(files), held, life.trimmed);
    }

    private void live(boolean removals) throws IOException {
        for (int round = 0; round < rounds; round++) {
            append();
            workers.runAll();
            if (removals && round % 7 == 4) {
                log.truncate(log.lastId().orElseThrow() - 1 - random.nextInt(2));
            } else if (removals && round % 7 == 6) {
                trim(log.firstId().orElseThrow() + random.nextInt(3));
            }
        }
        // Small groups, so that the tail contains several groups.
        for (int i = 0; i < 3; i++) {
            log.append(bytes(30 + random.nextInt(60)));
        }
    }

    private void trim(long upTo) throws IOException {
        for (long id = log.firstId().orElseThrow(); id <= upTo; id++) {
            trimmed.put(id, log.read(id).orElseThrow());
        }
        log.trim(upTo);
    }

    private void append() throws IOException {
        int records = random.nextInt(3) == 0 ? 1 + random.nextInt(4) : 1;
        List<ByteBuffer> batch = new ArrayList<>();
        for (int i = 0; i < records; i++) {
            batch.add(ByteBuffer.wrap(bytes(random.nextInt(900 / records))));
        }
        log.appendAll(batch);
    }

    private byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    private DiskState closed() throws IOException {
        log.close();
        return disk.state();
    }

    /** Closes the log twice, so both markers of the first close are overwritten or superseded. */
    private DiskState closedAgain() throws IOException {
        log.close();
        workers = new SimulatedEnvironment(2);
        log = StoredLog.open(disk.process(), settings, workers.environment());
        log.append(bytes(40));
        log.append(bytes(40));
        return closed();
    }

    /** Leaves the segments that truncations have replaced next to the newest segment. */
    private DiskState truncatedAndClosed() throws IOException {
        for (int i = 0; i < 2; i++) {
            log.truncate(log.lastId().orElseThrow() - 1);
            log.append(bytes(40));
            workers.idle();
        }
        return closed();
    }

    private DiskState idle() {
        workers.idle();
        return disk.state();
    }

    private DiskState killedInAWrite() throws IOException {
        return duringWrite(Moment.WITHIN);
    }

    private DiskState powerCutInAWrite() throws IOException {
        DiskState within = duringWrite(Moment.WRITTEN);
        return within.powerCut(PowerCut.random(random.nextLong() >>> 16)).state();
    }

    private DiskState duringWrite(Moment wanted) throws IOException {
        List<DiskState> states = new ArrayList<>();
        disk.listen((step, moment) -> {
            if (moment == wanted && step.kind() == DiskStep.Kind.WRITE_SYNCED && step.length() > 1000) {
                states.add(disk.state());
            }
        });
        log.append(bytes(1100));
        disk.listen(null);
        return states.get(states.size() - 1);
    }
}
