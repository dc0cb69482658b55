package dev.holdfast.testkit.damage;

import dev.holdfast.testkit.damage.Damage.Kind;
import dev.holdfast.wal.format.SegmentName;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Creates every possible damage to the files of one log. Each damage is created on demand. */
final class Damages {
    private static final int SECTOR_BYTES = Versions.SECTOR_BYTES;
    private static final int PAGE_BYTES = 4096;

    /**
     * Files shorter than this get no page damage. As the format describes, both close markers of a short segment may be
     * in the same page.
     */
    private static final int SHORTEST_WITH_PAGES = 16 << 10;

    private static final int[] APPENDED = {1, 7, 8, 40, 511, 512, 4096, 8192};

    private final Victim victim;
    private final List<String> names;
    private final int cutStride;
    private final int swapStride;

    /**
     * Creates the damages of a log.
     *
     * @param cutStride one in this many lengths is used to shorten a file, and lengths near sector boundaries
     * @param swapStride one in this many pairs of sectors is swapped
     */
    Damages(Victim victim, int cutStride, int swapStride) {
        this.victim = victim;
        this.swapStride = swapStride;
        this.cutStride = cutStride;
        this.names = List.copyOf(victim.files().keySet());
    }

    private byte[] bytes(String name) {
        return victim.files().get(name);
    }

    private Damage changed(Kind kind, String what, Map<String, byte[]> changes) {
        Map<String, byte[]> files = new HashMap<>(victim.files());
        files.putAll(changes);
        return new Damage(kind, what, changes.keySet(), files);
    }

    /** Returns the log with one bit flipped. */
    Damage flipped(String name, int at, int bit) {
        byte[] copy = bytes(name).clone();
        copy[at] ^= (byte) (1 << bit);
        return changed(Kind.BIT_FLIPPED, name + " at byte " + at + ", bit " + bit, Map.of(name, copy));
    }

    /** Returns all damages except flipped bits. */
    Stream<Damage> others() {
        List<Supplier<Damage>> all = new ArrayList<>();
        for (String name : names) {
            addSectors(all, name, SECTOR_BYTES);
            if (bytes(name).length >= SHORTEST_WITH_PAGES) {
                addSectors(all, name, PAGE_BYTES);
            }
            addLengths(all, name);
            addWholeFile(all, name);
        }
        return all.parallelStream().map(Supplier::get);
    }

    private void addSectors(List<Supplier<Damage>> all, String name, int size) {
        boolean sector = size == SECTOR_BYTES;
        int count = bytes(name).length / size;
        for (int i = 0; i < count; i++) {
            int at = i * size;
            Kind zeroed = sector ? Kind.SECTOR_ZEROED : Kind.PAGE_ZEROED;
            all.add(() -> put(zeroed, name, at, new byte[size], "zeroed"));
            for (byte[] version : older(name, i, size)) {
                all.add(() -> put(sector ? Kind.SECTOR_OLDER : Kind.PAGE_OLDER, name, at, version, "older"));
            }
            Kind within = sector ? Kind.SECTOR_SWAPPED_WITHIN_A_FILE : Kind.PAGE_SWAPPED_WITHIN_A_FILE;
            for (int j = i + 1; j < count; j++) {
                int other = j * size;
                if (sector && (i + j) % swapStride != 0) {
                    continue;
                }
                all.add(() -> swapped(within, name, at, name, other, size));
            }
            Kind between = sector ? Kind.SECTOR_SWAPPED_BETWEEN_FILES : Kind.PAGE_SWAPPED_BETWEEN_FILES;
            for (String otherName : names.subList(names.indexOf(name) + 1, names.size())) {
                for (int j = 0; j < bytes(otherName).length / size; j++) {
                    int other = j * size;
                    if (sector && (i + j) % swapStride != 0) {
                        continue;
                    }
                    all.add(() -> swapped(between, name, at, otherName, other, size));
                }
            }
        }
    }

    /** Returns the earlier contents of a sector. Version n of a page combines version n of all its sectors. */
    private List<byte[]> older(String name, int number, int size) {
        Map<Integer, List<byte[]>> sectors = victim.older().get(name);
        if (size == SECTOR_BYTES) {
            return sectors.getOrDefault(number, List.of());
        }
        int inPage = PAGE_BYTES / SECTOR_BYTES;
        int most = IntStream.range(number * inPage, (number + 1) * inPage)
                .map(sector -> sectors.get(sector).size())
                .max()
                .orElseThrow();
        List<byte[]> pages = new ArrayList<>();
        for (int version = 0; version < most; version++) {
            byte[] page = Arrays.copyOfRange(bytes(name), number * size, (number + 1) * size);
            for (int i = 0; i < inPage; i++) {
                List<byte[]> of = sectors.get(number * inPage + i);
                if (!of.isEmpty()) {
                    byte[] old = of.get(Math.min(version, of.size() - 1));
                    System.arraycopy(old, 0, page, i * SECTOR_BYTES, SECTOR_BYTES);
                }
            }
            pages.add(page);
        }
        return pages;
    }

    private Damage put(Kind kind, String name, int at, byte[] bytes, String how) {
        byte[] copy = bytes(name).clone();
        System.arraycopy(bytes, 0, copy, at, bytes.length);
        return changed(kind, name + " from byte " + at + ", " + bytes.length + " bytes " + how, Map.of(name, copy));
    }

    private Damage swapped(Kind kind, String name, int at, String otherName, int otherAt, int size) {
        byte[] one = bytes(name).clone();
        byte[] other = otherName.equals(name) ? one : bytes(otherName).clone();
        System.arraycopy(bytes(otherName), otherAt, one, at, size);
        System.arraycopy(bytes(name), at, other, otherAt, size);
        Map<String, byte[]> changes = new HashMap<>();
        changes.put(name, one);
        changes.put(otherName, other);
        return changed(
                kind,
                size + " bytes of " + name + " from byte " + at + " and of " + otherName + " from " + otherAt,
                changes);
    }

    private void addLengths(List<Supplier<Damage>> all, String name) {
        byte[] bytes = bytes(name);
        for (int i = 0; i < bytes.length; i++) {
            int length = i;
            if (length % cutStride != 0 && (length + 1) % SECTOR_BYTES > 2) {
                continue;
            }
            all.add(() -> changed(
                    Kind.FILE_CUT, name + " to " + length + " bytes", Map.of(name, Arrays.copyOf(bytes, length))));
        }
        for (int more : APPENDED) {
            byte[] longer = Arrays.copyOf(bytes, bytes.length + more);
            all.add(() -> changed(Kind.ZEROS_APPENDED, name + ", " + more + " bytes", Map.of(name, longer)));
            byte[] random = longer.clone();
            SplittableRandom chance = new SplittableRandom(more);
            for (int i = bytes.length; i < random.length; i++) {
                random[i] = (byte) chance.nextInt();
            }
            all.add(() -> changed(Kind.RANDOM_APPENDED, name + ", " + more + " bytes", Map.of(name, random)));
        }
    }

    private void addWholeFile(List<Supplier<Damage>> all, String name) {
        all.add(() -> missing(name));
        for (String other : names.subList(names.indexOf(name) + 1, names.size())) {
            all.add(() -> changed(
                    Kind.FILES_SWAPPED, name + " and " + other, Map.of(name, bytes(other), other, bytes(name))));
        }
        SegmentName.parse(name).ifPresent(segment -> {
            for (long epoch = 1;
                    epoch <= SegmentName.parse(victim.tail()).orElseThrow().epoch() + 2;
                    epoch++) {
                addDuplicate(all, name, new SegmentName(epoch, segment.baseId()).fileName());
                addDuplicate(all, name, new SegmentName(epoch, segment.baseId() + 1).fileName());
            }
        });
        addDuplicate(all, name, "spare-00000099.tmp");
    }

    private void addDuplicate(List<Supplier<Damage>> all, String name, String as) {
        if (!victim.files().containsKey(as)) {
            all.add(() -> changed(Kind.FILE_DUPLICATED, name + " as " + as, Map.of(as, bytes(name))));
        }
    }

    private Damage missing(String name) {
        Map<String, byte[]> files = new HashMap<>(victim.files());
        files.remove(name);
        return new Damage(Kind.FILE_MISSING, name, Set.of(name), files);
    }
}
