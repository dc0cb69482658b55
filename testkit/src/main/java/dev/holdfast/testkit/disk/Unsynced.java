package dev.holdfast.testkit.disk;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Numbers the unsynced items of a disk and decides how many versions of each item survive a power failure. */
final class Unsynced {
    /**
     * An unsynced item: one stable version, followed by pending versions. Each pending version has the sequence number
     * of the change that made this version.
     */
    sealed interface Thing {
        /** Returns the number of pending versions, at least 1. */
        int versions();

        /** Returns the sequence number of the change that made pending version {@code n}, counted from 1. */
        long sequence(int n);
    }

    record SectorThing(int file, int sector, List<FileState.PendingSector> pending) implements Thing {
        @Override
        public int versions() {
            return pending.size();
        }

        @Override
        public long sequence(int n) {
            return pending.get(n - 1).sequence();
        }
    }

    record LengthThing(int file, List<FileState.PendingLength> pending) implements Thing {
        @Override
        public int versions() {
            return pending.size();
        }

        @Override
        public long sequence(int n) {
            return pending.get(n - 1).sequence();
        }
    }

    record NameThing(NameChange change) implements Thing {
        @Override
        public int versions() {
            return 1;
        }

        @Override
        public long sequence(int n) {
            return change.sequence();
        }
    }

    /**
     * Zeros written to sectors that already read as zeros. A power failure changes none of these bytes; it can only
     * free the space that the zeros take.
     */
    record SpaceThing(int file, List<FileState.PendingSector> pending) implements Thing {
        @Override
        public int versions() {
            return 1;
        }

        @Override
        public long sequence(int n) {
            return pending.get(pending.size() - 1).sequence();
        }
    }

    /**
     * What survives of one item: the number of its pending versions, and how the last of them is torn. {@code tear} is
     * null if no version is torn.
     */
    record Survival(int versions, @Nullable Tear tear) {}

    /**
     * How a sector tears.
     *
     * @param place position of the boundary between old and new bytes, as a fraction of the range in which they differ
     * @param aligned whether the boundary is at a multiple of 8 bytes
     * @param newFirst whether the new bytes are before the boundary; otherwise they are after it
     */
    record Tear(double place, boolean aligned, boolean newFirst) {}

    private final List<Thing> things;
    private final long[] sequences;

    private Unsynced(List<Thing> things) {
        this.things = things;
        this.sequences = things.stream()
                .flatMapToLong(
                        thing -> IntStream.rangeClosed(1, thing.versions()).mapToLong(thing::sequence))
                .sorted()
                .toArray();
    }

    /**
     * Collects the unsynced items of a disk.
     *
     * @param spaceCounts whether the disk limits space; if false, zeros that were written to holes are ignored
     */
    static Unsynced of(Map<Integer, FileState> files, Names names, boolean spaceCounts) {
        List<Thing> things = new ArrayList<>();
        files.forEach((number, file) -> addFile(things, number, file, spaceCounts));
        for (NameChange change : names.pending()) {
            things.add(new NameThing(change));
        }
        return new Unsynced(things);
    }

    private static void addFile(List<Thing> things, int number, FileState file, boolean spaceCounts) {
        if (!file.pendingSectors().isEmpty()) {
            Map<Integer, List<FileState.PendingSector>> bySector = new LinkedHashMap<>();
            for (FileState.PendingSector pending : file.pendingSectors()) {
                bySector.computeIfAbsent(pending.sector(), sector -> new ArrayList<>(1))
                        .add(pending);
            }
            List<FileState.PendingSector> zeros = new ArrayList<>();
            bySector.forEach((sector, versions) -> {
                long stable = file.stable().sector(sector).digest();
                if (versions.stream().allMatch(version -> version.content().digest() == stable)) {
                    zeros.addAll(versions);
                } else {
                    things.add(new SectorThing(number, sector, versions));
                }
            });
            if (spaceCounts && !zeros.isEmpty()) {
                things.add(new SpaceThing(number, zeros));
            }
        }
        if (!file.pendingLengths().isEmpty()) {
            things.add(new LengthThing(number, file.pendingLengths()));
        }
    }

    List<Thing> things() {
        return things;
    }

    /** Returns the number of pending versions of all items together. */
    int pieces() {
        return sequences.length;
    }

    /**
     * Returns the number of ways in which versions of the items can survive, without torn sectors. Returns
     * {@link Long#MAX_VALUE} if the number is too large.
     */
    long combinations() {
        long combinations = 1;
        for (Thing thing : things) {
            if (combinations > Integer.MAX_VALUE) {
                return Long.MAX_VALUE;
            }
            combinations *= thing.versions() + 1;
        }
        return combinations;
    }

    /** Decides for each item which of its versions survive a power failure. The result has the order of the items. */
    List<Survival> decide(PowerCut cut) {
        SplittableRandom random = new SplittableRandom(cut.number());
        double[] chances = {0.03, 0.5, 0.97, random.nextDouble()};
        double sectors = chances[random.nextInt(chances.length)];
        double names = chances[random.nextInt(chances.length)];
        List<Survival> decisions = new ArrayList<>(things.size());
        long digits = cut.number();
        for (int i = 0; i < things.size(); i++) {
            Thing thing = things.get(i);
            decisions.add(
                    switch (cut.kind()) {
                        case NOTHING -> whole(0);
                        case EVERYTHING -> whole(thing.versions());
                        case ONLY -> whole(i == cut.number() ? thing.versions() : 0);
                        case WITHOUT -> whole(i == cut.number() ? 0 : thing.versions());
                        case TORN ->
                            i == cut.number() ? torn(thing, thing.versions(), random) : whole(thing.versions());
                        case UNTIL -> whole(versionsBefore(thing, cut.number()));
                        case SUBSET -> whole((int) (digits % (thing.versions() + 1)));
                        case RANDOM -> byChance(thing, thing instanceof NameThing ? names : sectors, random);
                    });
            digits /= thing.versions() + 1;
        }
        return decisions;
    }

    private static Survival whole(int versions) {
        return new Survival(versions, null);
    }

    private static Survival byChance(Thing thing, double chance, SplittableRandom random) {
        if (random.nextDouble() >= chance) {
            return whole(0);
        }
        int versions = random.nextInt(3) == 0 ? 1 + random.nextInt(thing.versions()) : thing.versions();
        return random.nextInt(8) == 0 ? torn(thing, versions, random) : whole(versions);
    }

    private static Survival torn(Thing thing, int versions, SplittableRandom random) {
        if (!(thing instanceof SectorThing)) {
            return whole(versions);
        }
        return new Survival(versions, new Tear(random.nextDouble(), random.nextBoolean(), random.nextBoolean()));
    }

    private int versionsBefore(Thing thing, long pieces) {
        int versions = 0;
        while (versions < thing.versions() && placeOf(thing.sequence(versions + 1)) < pieces) {
            versions++;
        }
        return versions;
    }

    private int placeOf(long sequence) {
        return Arrays.binarySearch(sequences, sequence);
    }

    /** Returns the bytes of a sector after a power failure with this outcome. */
    static Sector sector(SectorThing thing, Survival survival, Sector stable) {
        Sector last = version(thing, survival.versions(), stable);
        Tear tear = survival.tear();
        if (tear == null || survival.versions() == 0) {
            return last;
        }
        Sector before = version(thing, survival.versions() - 1, stable);
        return before.tornBy(last, tear.place(), tear.aligned(), tear.newFirst());
    }

    private static Sector version(SectorThing thing, int number, Sector stable) {
        return number == 0 ? stable : thing.pending().get(number - 1).content();
    }
}
