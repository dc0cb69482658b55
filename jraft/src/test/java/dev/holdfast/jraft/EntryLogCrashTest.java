package dev.holdfast.jraft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.wal.CallRefusedException;
import dev.holdfast.wal.DiskFullException;
import dev.holdfast.wal.LogRecord;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * Lets the power fail before and after every call that changes one of the logs, and again at every call of the
 * following opening. Afterwards the storage must hold the entries from before or after the interrupted change, and
 * report exactly the configurations among them.
 */
class EntryLogCrashTest {
    private static final int LIVES = Integer.getInteger("holdfast.jraft.lives", 150);

    private final long seed = Long.getLong("holdfast.seed", new Random().nextLong());
    private long images;

    /** A codec whose entries are texts. A text that begins with C is a configuration. */
    private static final EntryCodec CODEC = new EntryCodec() {
        @Override
        public boolean isConfiguration(byte[] encoded) {
            return encoded[0] == 'C';
        }

        @Override
        public EncodedEntry placeholder(long index) {
            return entry(index, "placeholder");
        }
    };

    private static EncodedEntry entry(long index, String content) {
        byte[] text = content.getBytes(StandardCharsets.US_ASCII);
        // L marks a large entry, which needs two pieces.
        byte[] bytes = content.startsWith("L") ? java.util.Arrays.copyOf(text, LogRecord.MAX_DATA_BYTES + 100) : text;
        return new EncodedEntry(index, content.startsWith("C"), bytes);
    }

    private static String content(byte[] encoded) {
        int length = 0;
        while (length < encoded.length && encoded[length] != 0) {
            length++;
        }
        return new String(encoded, 0, length, StandardCharsets.US_ASCII);
    }

    /** A change, with the states of the storage to which it may lead. */
    private interface Change {
        void make(EntryLog log) throws IOException;

        Model of(Model before);

        /**
         * Returns the state between the two halves of a change that need not be atomic. A crash may leave this state,
         * too.
         */
        default Model between(Model before) {
            return before;
        }

        /** Returns the state to which the change may lead on a full disk. */
        default Model onFullDisk(Model before) {
            return of(before);
        }
    }

    private record Append(long index, List<String> contents) implements Change {
        @Override
        public void make(EntryLog log) throws IOException {
            List<EncodedEntry> batch = new ArrayList<>();
            for (String content : contents) {
                batch.add(entry(index + batch.size(), content));
            }
            log.append(batch);
        }

        @Override
        public Model of(Model before) {
            return before.append(index, contents);
        }

        // Replacing entries first removes the old ones.
        @Override
        public Model between(Model before) {
            return index < before.next() ? before.cutSuffix(index - 1) : before;
        }
    }

    private record CutPrefix(long firstKept) implements Change {
        @Override
        public void make(EntryLog log) throws IOException {
            log.cutPrefix(firstKept);
        }

        @Override
        public Model of(Model before) {
            return before.cutPrefix(firstKept);
        }
    }

    private record CutSuffix(long lastKept) implements Change {
        @Override
        public void make(EntryLog log) throws IOException {
            log.cutSuffix(lastKept);
        }

        @Override
        public Model of(Model before) {
            return before.cutSuffix(lastKept);
        }
    }

    private record Reset(long next) implements Change {
        @Override
        public void make(EntryLog log) throws IOException {
            log.reset(next);
        }

        @Override
        public Model of(Model before) {
            return before.reset(next, "placeholder");
        }

        @Override
        public Model onFullDisk(Model before) {
            return new Model(next, new TreeMap<>());
        }
    }

    private static final class Disk {
        private final StoppedTime time = new StoppedTime();
        private final StoppedTime.Place entries = time.new Place();
        private final StoppedTime.Place notes = time.new Place();
        private final StoppedTime.Place pieces = time.new Place();

        EntryLog open() throws IOException {
            return EntryLog.open(entries, notes, pieces, CODEC);
        }
    }

    private static List<Change> life(SplittableRandom random) {
        List<Change> changes = new ArrayList<>();
        Model model = Model.empty();
        for (int i = 0; i < 10; i++) {
            Change change = change(model, random, i);
            changes.add(change);
            model = change.of(model);
        }
        return changes;
    }

    private static Change change(Model model, SplittableRandom random, int number) {
        int kind = random.nextInt(10);
        if (kind < 5 || model.entries().isEmpty()) {
            boolean over = kind == 0 && !model.entries().isEmpty();
            long index = over
                    ? random.nextLong(model.first(), model.next())
                    : model.next() + (random.nextInt(8) == 0 ? 3 : 0);
            List<String> contents = new ArrayList<>();
            for (int i = random.nextInt(4); i >= 0; i--) {
                String type = random.nextInt(3) == 0 ? "C" : random.nextInt(20) == 0 ? "L" : "D";
                contents.add(type + number + "." + i);
            }
            return new Append(index, contents);
        }
        if (kind == 5) {
            return new Reset(random.nextLong(Math.max(1, model.first()), model.next() + 6));
        }
        if (kind < 8) {
            return new CutPrefix(random.nextLong(model.first(), model.next() + (random.nextInt(3) == 0 ? 6 : 1)));
        }
        return new CutSuffix(random.nextLong(model.first() - 1, model.next()));
    }

    @Test
    void entriesAndNotesAreConsistentAfterAnyPowerFailure() throws IOException {
        System.out.println("EntryLogCrashTest: rerun with -Dholdfast.seed=" + seed);
        for (int life = 0; life < LIVES; life++) {
            List<Change> changes = life(new SplittableRandom(seed + life));
            try {
                crashEverywhere(changes);
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("life " + life + " of seed " + seed + ": " + changes, e);
            }
        }
        System.out.println("EntryLogCrashTest: " + images + " states after " + LIVES + " lives");
        assertThat(images).isGreaterThan(LIVES * 20L);
    }

    private void crashEverywhere(List<Change> changes) throws IOException {
        for (boolean after : new boolean[] {false, true}) {
            for (int call = 1; ; call++) {
                if (!crash(changes, call, after, Integer.MAX_VALUE)) {
                    break;
                }
                // And fails again during the opening.
                int again = 1;
                while (crash(changes, call, after, again)) {
                    again++;
                }
            }
        }
    }

    /**
     * Makes changes until the power fails at one call, and then again at a call of the following opening.
     *
     * @return whether both failures happened
     */
    private boolean crash(List<Change> changes, int call, boolean after, int callOfOpening) throws IOException {
        Disk disk = new Disk();
        disk.time.failAt(call, after);
        Model before = Model.empty();
        Model between = before;
        Model then = before;
        boolean failed = false;
        try {
            EntryLog log = disk.open();
            for (Change change : changes) {
                between = change.between(before);
                then = change.of(before);
                change.make(log);
                before = then;
            }
        } catch (StoppedTime.PowerFailure e) {
            failed = true;
        }
        boolean failedAgain = callOfOpening == Integer.MAX_VALUE;
        if (!failedAgain) {
            disk.time.failAt(callOfOpening, after);
            try {
                disk.open();
            } catch (StoppedTime.PowerFailure e) {
                failedAgain = true;
            }
        }
        disk.time.neverFail();
        EntryLog log = disk.open();
        Model found = shown(log);
        images++;
        assertThat(found).as("after call " + call).isIn(before, between, then);
        Change next = new Append(found.next(), List.of("Cnew", "Dnew"));
        next.make(log);
        EntryLog reopened = disk.open();
        assertThat(shown(reopened)).isEqualTo(next.of(found));
        // Beyond the notes of entries that were never written.
        reopened.cutPrefix(1000);
        assertThat(disk.pieces.log().firstId()).as("pieces of removed entries").isEmpty();
        return failed && failedAgain;
    }

    @Test
    void fullDiskRefusesOnlyAppendsAfterAnyPowerFailure() throws IOException {
        System.out.println("EntryLogCrashTest: rerun with -Dholdfast.seed=" + seed);
        for (int life = 0; life < LIVES; life++) {
            SplittableRandom random = new SplittableRandom(seed + life);
            List<Change> changes = life(random);
            int fullFrom = 1;
            try {
                while (liveOnAFullDisk(changes, fullFrom, random.nextInt(1, 20), random.nextBoolean())) {
                    fullFrom++;
                }
            } catch (AssertionError | RuntimeException | IOException e) {
                throw new AssertionError(
                        "life " + life + " of seed " + seed + ", full from call " + fullFrom + ": " + changes, e);
            }
        }
    }

    /**
     * Makes changes on a disk that is full from one call on. The power fails some calls later.
     *
     * @return whether the disk became full
     */
    private static boolean liveOnAFullDisk(List<Change> changes, int fullFrom, int callsUntilCrash, boolean after)
            throws IOException {
        Disk disk = new Disk();
        EntryLog log = disk.open();
        disk.time.failAt(fullFrom + callsUntilCrash, after);
        disk.time.fullFrom(fullFrom);
        List<Model> possible = List.of(Model.empty());
        try {
            for (Change change : changes) {
                Model before = possible.get(0);
                possible = List.of(before, change.between(before), change.of(before), change.onFullDisk(before));
                boolean refused = false;
                try {
                    change.make(log);
                } catch (CallRefusedException e) {
                    assertThat(change).isInstanceOf(Append.class);
                    refused = true;
                }
                Model found = shown(log);
                assertThat(found).as(change.toString()).isIn(refused ? possible.subList(0, 2) : possible.subList(2, 4));
                possible = List.of(found);
            }
        } catch (StoppedTime.PowerFailure e) {
            // The log is opened again below.
        }
        boolean wasFull = disk.time.calls() >= fullFrom;
        disk.time.neverFail();
        disk.time.fullFrom(1);
        EntryLog reopened = disk.open();
        Model found = shown(reopened);
        assertThat(found).as("after reopening on the full disk").isIn(possible);
        disk.time.fullFrom(Integer.MAX_VALUE);
        Change next = new Append(found.next(), List.of("Cnew", "Dnew"));
        next.make(reopened);
        assertThat(shown(disk.open())).as("after an append with space").isEqualTo(next.of(found));
        return wasFull;
    }

    @Test
    void refusedCallChangesNothingOrStopsTheStorage() throws IOException {
        System.out.println("EntryLogCrashTest: rerun with -Dholdfast.seed=" + seed);
        for (int life = 0; life < LIVES; life++) {
            List<Change> changes = life(new SplittableRandom(seed + life));
            int refusedAt = 1;
            try {
                while (liveWithARefusal(changes, refusedAt)) {
                    refusedAt++;
                }
            } catch (AssertionError | RuntimeException | IOException e) {
                throw new AssertionError(
                        "life " + life + " of seed " + seed + ", call " + refusedAt + " refused: " + changes, e);
            }
        }
    }

    /**
     * Makes changes and refuses one of their calls. Reopens the storage if the refused change requires it.
     *
     * @return whether the refused call was reached
     */
    private static boolean liveWithARefusal(List<Change> changes, int refusedAt) throws IOException {
        Disk disk = new Disk();
        EntryLog log = disk.open();
        disk.time.failAt(Integer.MAX_VALUE, false);
        disk.time.refuseAt(refusedAt);
        Model model = Model.empty();
        for (Change change : changes) {
            List<Model> possible = List.of(model, change.between(model));
            try {
                change.make(log);
                possible = List.of(change.of(model), change.onFullDisk(model));
            } catch (CallRefusedException e) {
                // The storage remains usable.
            } catch (IOException e) {
                assertThat(change).isInstanceOf(Reset.class);
                possible = List.of(model, change.of(model), change.onFullDisk(model));
                log = disk.open();
            }
            model = shown(log);
            assertThat(model).as(change.toString()).isIn(possible);
        }
        boolean wasRefused = disk.time.calls() >= refusedAt;
        disk.time.refuseAt(Integer.MAX_VALUE);
        assertThat(shown(disk.open())).as("after reopening").isEqualTo(model);
        return wasRefused;
    }

    @Test
    void entriesAfterRefusedEntriesAreRefused() throws IOException {
        Disk disk = new Disk();
        EntryLog log = disk.open();
        new Append(1, List.of("D1", "D2")).make(log);
        disk.time.fullFrom(1);
        assertThatThrownBy(() -> new Append(3, List.of("D3", "D4")).make(log)).isInstanceOf(DiskFullException.class);
        disk.time.fullFrom(Integer.MAX_VALUE);
        assertThatThrownBy(() -> new Append(5, List.of("D5")).make(log))
                .isInstanceOf(CallRefusedException.class)
                .hasMessageContaining("from 3 on");
        assertThat(log.lastIndex()).isEqualTo(2);
        new Append(3, List.of("D3", "D4")).make(log);
        new Append(8, List.of("D8")).make(log);
        disk.time.fullFrom(1);
        assertThatThrownBy(() -> new Append(9, List.of("D9")).make(log)).isInstanceOf(DiskFullException.class);
        disk.time.fullFrom(Integer.MAX_VALUE);
        log.cutPrefix(20);
        new Append(20, List.of("D20")).make(log);
        assertThat(shown(log).entries()).isEqualTo(java.util.Map.of(20L, "D20"));
    }

    /** Returns the entries of a storage, and checks that it reports exactly the configurations among them. */
    private static Model shown(EntryLog log) throws IOException {
        TreeMap<Long, String> entries = new TreeMap<>();
        List<Long> configurations = new ArrayList<>();
        long last = Math.max(log.lastIndex(), log.firstIndex() + 40);
        for (long index = 0; index <= last; index++) {
            if (log.read(index).isPresent()) {
                String content = content(log.read(index).get());
                entries.put(index, content);
                if (content.startsWith("C")) {
                    configurations.add(index);
                }
            }
        }
        assertThat(log.configurations()).isEqualTo(configurations);
        assertThat(log.lastIndex()).isEqualTo(entries.isEmpty() ? 0 : entries.lastKey());
        return new Model(log.firstIndex(), entries);
    }

    @Test
    void deletedNotesAreRebuiltFromTheEntries() throws IOException {
        Disk disk = new Disk();
        EntryLog log = disk.open();
        new Append(1, List.of("D1", "C2", "L3", "D4", "C5")).make(log);
        StoppedTime.Place empty = disk.time.new Place();
        EntryLog again = EntryLog.open(disk.entries, empty, disk.pieces, CODEC);
        assertThat(again.configurations()).containsExactly(2L, 5L);
        again.cutPrefix(3);
        assertThat(content(again.read(3).orElseThrow())).isEqualTo("L3");
        again.cutPrefix(4);
        assertThat(disk.pieces.log().firstId()).isEmpty();
    }

    @Test
    void openingReadsOnlyNotesAndConfigurations() throws IOException {
        Disk disk = new Disk();
        EntryLog log = disk.open();
        for (int i = 0; i < 100; i++) {
            new Append(log.lastIndex() + 1, List.of("D", "D", i % 50 == 0 ? "C" : "D")).make(log);
        }
        List<Long> asked = new ArrayList<>();
        LogPlace watched = new WatchedPlace(disk.entries, asked);
        EntryLog reopened = EntryLog.open(watched, disk.notes, disk.pieces, CODEC);
        assertThat(reopened.configurations()).containsExactly(3L, 153L);
        assertThat(asked).containsExactly(3L, 153L);
    }

    @Test
    void missingEntriesAreRefusedIfNotesExist() throws IOException {
        Disk disk = new Disk();
        new Append(1, List.of("D1")).make(disk.open());
        StoppedTime.Place missing = disk.time.new Place();
        assertThatThrownBy(() -> EntryLog.open(missing, disk.notes, disk.pieces, CODEC))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("missing")
                .hasMessageContaining("Put back the missing files");
        assertThat(missing.exists()).isFalse();
    }
}
