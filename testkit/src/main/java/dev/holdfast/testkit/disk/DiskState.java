package dev.holdfast.testkit.disk;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * State of a {@link CrashDisk} at one moment: visible bytes, stable bytes and pending changes, which were made but not
 * yet synced. Creates the disks that a program may find after a crash.
 *
 * <p>Immutable and cheap, because states and disks share their sectors.
 */
public final class DiskState {
    /** {@link #cuts} selects among all combinations if there are at most this many. */
    private static final int ALL_TO = 16;

    private final Map<Integer, FileState> files;
    private final Names names;
    private final long sequence;
    private final long capacityBytes;
    private @Nullable Unsynced unsynced;

    DiskState(Map<Integer, FileState> files, Names names, long sequence, long capacityBytes) {
        this.files = files;
        this.names = names;
        this.sequence = sequence;
        this.capacityBytes = capacityBytes;
    }

    Map<Integer, FileState> files() {
        return files;
    }

    Names names() {
        return names;
    }

    long sequence() {
        return sequence;
    }

    long capacityBytes() {
        return capacityBytes;
    }

    /**
     * Creates the disk that the next process finds after a kill. All written bytes are visible, and pending (unsynced)
     * changes stay pending.
     */
    public CrashDisk killed() {
        return new CrashDisk(this);
    }

    /** Creates the disk that a power failure leaves, with the unsynced changes that {@code cut} keeps. */
    public CrashDisk powerCut(PowerCut cut) {
        return new CrashDisk(afterPowerCut(cut));
    }

    /** Creates the disk that a power failure leaves. Chance decides which unsynced changes are lost. */
    public CrashDisk powerCut(Random random) {
        return powerCut(PowerCut.random(random.nextLong()));
    }

    DiskState afterPowerCut(PowerCut cut) {
        Unsynced all = unsynced();
        Map<Integer, Sector[]> sectors = new HashMap<>();
        Map<Integer, Long> lengths = new HashMap<>();
        Map<String, Integer> left = names.pending().isEmpty() ? names.stable() : new HashMap<>(names.stable());
        List<Unsynced.Survival> decisions = all.decide(cut);
        for (int i = 0; i < decisions.size(); i++) {
            Unsynced.Survival survival = decisions.get(i);
            if (survival.versions() == 0) {
                continue;
            }
            Unsynced.Thing thing = all.things().get(i);
            if (thing instanceof Unsynced.SectorThing sector) {
                FileState file = file(sector.file());
                Sector[] of = sectors.computeIfAbsent(
                        sector.file(),
                        number -> file.stable()
                                .copyOfSectors(Sector.count(file.visible().length())));
                of[sector.sector()] = Unsynced.sector(sector, survival, of[sector.sector()]);
            } else if (thing instanceof Unsynced.LengthThing length) {
                lengths.put(
                        length.file(),
                        length.pending().get(survival.versions() - 1).length());
            } else if (thing instanceof Unsynced.SpaceThing space) {
                FileState file = file(space.file());
                Sector[] of = sectors.computeIfAbsent(
                        space.file(),
                        number -> file.stable()
                                .copyOfSectors(Sector.count(file.visible().length())));
                space.pending().forEach(zeros -> of[zeros.sector()] = zeros.content());
            } else if (thing instanceof Unsynced.NameThing name) {
                name.change().applyTo(left);
            }
        }
        Map<Integer, FileState> images = new HashMap<>();
        for (Integer number : left.values()) {
            images.put(number, image(file(number), sectors.get(number), lengths.get(number)));
        }
        return new DiskState(images, Names.stable(left), sequence, capacityBytes);
    }

    private static FileState image(FileState file, Sector @Nullable [] sectors, @Nullable Long length) {
        if (file.isStable()) {
            return file;
        }
        Content stable = file.stable();
        long longest = length == null ? stable.length() : Math.max(length, stable.length());
        if (sectors == null && longest == stable.length()) {
            return FileState.stable(stable);
        }
        return FileState.stable(Content.of(sectors == null ? stable.copyOfSectors(0) : sectors, longest));
    }

    private FileState file(int number) {
        FileState file = files.get(number);
        if (file == null) {
            throw new AssertionError("file " + number + " has a name and no state");
        }
        return file;
    }

    /** Returns the number of unsynced items: sectors, lengths and names that a power failure may lose. */
    public int unsyncedThings() {
        return unsynced().things().size();
    }

    private Unsynced unsynced() {
        Unsynced known = unsynced;
        if (known == null) {
            known = Unsynced.of(files, names, capacityBytes != Long.MAX_VALUE);
            unsynced = known;
        }
        return known;
    }

    /**
     * Returns the number of different disk contents that a power failure in this state can leave: one for each
     * combination of surviving versions. Torn sectors are not counted. Returns {@link Long#MAX_VALUE} if the number is
     * too large.
     */
    public long combinations() {
        return unsynced().combinations();
    }

    /** Returns one rule for each of the {@link #combinations()} of surviving versions. */
    public List<PowerCut> combined() {
        return LongStream.range(0, combinations())
                .mapToObj(number -> new PowerCut(PowerCut.Kind.SUBSET, number))
                .toList();
    }

    /**
     * Returns rules for power failures that tear one sector and lose nothing.
     *
     * @param most maximum number of rules
     * @param seed selects the sectors if more than {@code most} can be torn
     */
    public List<PowerCut> tears(int most, long seed) {
        List<PowerCut> tears = new ArrayList<>();
        for (int i = 0; i < unsyncedThings(); i++) {
            if (unsynced().things().get(i) instanceof Unsynced.SectorThing) {
                tears.add(new PowerCut(PowerCut.Kind.TORN, i));
            }
        }
        if (tears.size() > most) {
            Collections.shuffle(tears, new Random(seed));
        }
        return tears.subList(0, Math.min(most, tears.size()));
    }

    /**
     * Returns a selection of rules for a power failure. The first rule loses everything unsynced.
     *
     * <p>About half of the rules lose, keep or tear a single item, or keep only the oldest changes. The other rules are
     * random. If there are few combinations of surviving versions, rules for single combinations replace the rules that
     * lose or keep a single item.
     *
     * @param most maximum number of rules
     * @param seed selects the rules
     */
    public List<PowerCut> cuts(int most, long seed) {
        int things = unsyncedThings();
        Set<PowerCut> cuts = new LinkedHashSet<>();
        cuts.add(PowerCut.NOTHING);
        if (things == 0) {
            return List.copyOf(cuts);
        }
        cuts.add(PowerCut.EVERYTHING);
        List<PowerCut> regular = regularCuts(things);
        Collections.shuffle(regular, new Random(seed));
        cuts.addAll(regular.subList(0, Math.min(regular.size(), Math.max(0, most - 2) / 2 + 1)));
        SplittableRandom random = new SplittableRandom(seed);
        while (cuts.size() < most) {
            cuts.add(PowerCut.random(random.nextLong() >>> 16));
        }
        return cuts.stream().limit(most).toList();
    }

    private List<PowerCut> regularCuts(int things) {
        List<PowerCut> cuts = new ArrayList<>();
        boolean all = combinations() <= ALL_TO;
        if (all) {
            for (long kept = 1; kept < combinations() - 1; kept++) {
                cuts.add(new PowerCut(PowerCut.Kind.SUBSET, kept));
            }
        }
        for (int i = 0; i < things; i++) {
            if (!all) {
                cuts.add(new PowerCut(PowerCut.Kind.ONLY, i));
                cuts.add(new PowerCut(PowerCut.Kind.WITHOUT, i));
            }
            if (unsynced().things().get(i) instanceof Unsynced.SectorThing) {
                cuts.add(new PowerCut(PowerCut.Kind.TORN, i));
            }
        }
        for (int pieces = 1; pieces < unsynced().pieces(); pieces++) {
            cuts.add(new PowerCut(PowerCut.Kind.UNTIL, pieces));
        }
        return cuts;
    }

    /** Returns the number of 4096-byte blocks that the visible files take. */
    public long usedBlocks() {
        return names.visible().values().stream()
                .mapToLong(number -> file(number).visible().blocks(Sector.PER_BLOCK))
                .sum();
    }

    /** Returns the lengths of the visible files in bytes, sorted by file name. */
    public List<Long> lengths() {
        return new TreeMap<>(names.visible())
                .values().stream()
                        .map(number -> file(number).visible().length())
                        .toList();
    }

    /** Creates a disk on which all visible bytes of this state are stable, except for the bytes that are damaged. */
    public CrashDisk damaged(Damage damage) {
        Map<Integer, FileState> left = new HashMap<>();
        names.visible()
                .values()
                .forEach(
                        number -> left.put(number, FileState.stable(file(number).visible())));
        List<Integer> sorted = List.copyOf(new TreeMap<>(names.visible()).values());
        Integer number = sorted.get(damage.file());
        Content content = file(number).visible();
        Sector[] sectors = content.copyOfSectors(0);
        sectors[damage.sector()] = damage.of(sectors[damage.sector()]);
        left.put(number, FileState.stable(Content.of(sectors, content.length())));
        return new CrashDisk(new DiskState(left, Names.stable(names.visible()), sequence, capacityBytes));
    }

    /** Returns a hash of the visible names, lengths and bytes. */
    public long digest() {
        long digest = 0;
        for (Map.Entry<String, Integer> name : names.visible().entrySet()) {
            digest += mix(
                    nameDigest(name.getKey()) ^ file(name.getValue()).visible().digest());
        }
        return digest;
    }

    /** Returns a hash of the visible, stable and pending names, lengths and bytes. */
    public long deepDigest() {
        if (unsyncedThings() == 0) {
            return digest();
        }
        long digest = mix(digest());
        for (Map.Entry<String, Integer> name : names.visible().entrySet()) {
            digest += mix(nameDigest(name.getKey()) + file(name.getValue()).digest());
        }
        for (Map.Entry<String, Integer> name : names.stable().entrySet()) {
            digest += mix(nameDigest(name.getKey()) - file(name.getValue()).digest());
        }
        for (NameChange change : names.pending()) {
            long from = change.from() == null ? 1 : nameDigest(change.from());
            long to = change.to() == null ? 2 : nameDigest(change.to());
            digest = mix(digest ^ mix(from + 3 * to + file(change.file()).digest()));
        }
        return digest;
    }

    private static long nameDigest(String name) {
        long digest = 0xCBF29CE484222325L;
        for (int i = 0; i < name.length(); i++) {
            digest = (digest ^ name.charAt(i)) * 0x100000001B3L;
        }
        return digest;
    }

    private static long mix(long number) {
        long mixed = (number ^ number >>> 30) * 0xBF58476D1CE4E5B9L;
        return mixed ^ mixed >>> 27;
    }

    /**
     * Describes the disk for messages: for each visible file, its visible and stable lengths and its number of pending
     * (unsynced) sectors.
     */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        new TreeMap<>(names.visible())
                .forEach((name, number) -> text.append(name)
                        .append(": ")
                        .append(file(number).visible().length())
                        .append(" bytes, ")
                        .append(file(number).stable().length())
                        .append(" stable, ")
                        .append(file(number).pendingSectors().size())
                        .append(" sectors pending\n"));
        return text.toString();
    }
}
