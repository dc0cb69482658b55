package dev.holdfast.testkit.disk;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A file at one moment: what readers see, what is on stable storage, and the writes between the two. Immutable.
 *
 * <p>A pending write is in {@code visible} and may or may not be in what a power failure leaves. What is visible and
 * neither stable nor pending is a <em>lie</em>: a sync failed over it, and no later sync will write it.
 */
final class FileState {
    static final FileState EMPTY = new FileState(Content.EMPTY, Content.EMPTY, List.of(), List.of());

    /** What a write made of a sector; {@code sequence} orders all changes of a disk. */
    record PendingSector(long sequence, int sector, Sector content) {}

    /** What a write made of the file's length. */
    record PendingLength(long sequence, long length) {}

    private final Content visible;
    private final Content stable;
    private final List<PendingSector> sectors;
    private final List<PendingLength> lengths;

    private FileState(Content visible, Content stable, List<PendingSector> sectors, List<PendingLength> lengths) {
        this.visible = visible;
        this.stable = stable;
        this.sectors = sectors;
        this.lengths = lengths;
    }

    /** A file all of which is on stable storage. */
    static FileState stable(Content content) {
        return new FileState(content, content, List.of(), List.of());
    }

    Content visible() {
        return visible;
    }

    Content stable() {
        return stable;
    }

    /** The versions of sectors that are not on stable storage, in the order in which they were written. */
    List<PendingSector> pendingSectors() {
        return sectors;
    }

    /** The lengths that are not on stable storage, rising. */
    List<PendingLength> pendingLengths() {
        return lengths;
    }

    /** True if a power failure leaves exactly what is visible. */
    boolean isStable() {
        return visible == stable;
    }

    /** The file after a write, which takes one sequence number a sector and one for the length. */
    FileState written(long sequence, long offset, byte[] bytes, int from, int length) {
        long end = offset + length;
        int first = (int) (offset / Sector.BYTES);
        int count = Sector.count(end) - first;
        Sector[] after = visible.copyOfSectors(first + count);
        List<PendingSector> nextSectors = new ArrayList<>(sectors.size() + count);
        nextSectors.addAll(sectors);
        int done = 0;
        for (int i = first; i < first + count; i++) {
            int at = done == 0 ? (int) (offset % Sector.BYTES) : 0;
            int part = Math.min(length - done, Sector.BYTES - at);
            after[i] = after[i].with(at, bytes, from + done, part);
            nextSectors.add(new PendingSector(sequence + i - first, i, after[i]));
            done += part;
        }
        long known = lengths.isEmpty()
                ? stable.length()
                : lengths.get(lengths.size() - 1).length();
        List<PendingLength> nextLengths = lengths;
        if (end > known) {
            nextLengths = new ArrayList<>(lengths);
            nextLengths.add(new PendingLength(sequence + count, end));
        }
        return new FileState(Content.of(after, Math.max(visible.length(), end)), stable, nextSectors, nextLengths);
    }

    /** The file after a sync: all that is pending is stable, lies are not. */
    FileState synced() {
        if (sectors.isEmpty() && lengths.isEmpty()) {
            return this;
        }
        Sector[] after = stable.copyOfSectors(Sector.count(visible.length()));
        for (PendingSector pending : sectors) {
            after[pending.sector()] = visible.sector(pending.sector());
        }
        long length = lengths.isEmpty()
                ? stable.length()
                : lengths.get(lengths.size() - 1).length();
        return of(after, length, List.of(), List.of());
    }

    /** The file after the sectors of a range alone, and the length it needs, were made stable. */
    FileState syncedRange(long sequence, long offset, int length) {
        long end = offset + length;
        int first = (int) (offset / Sector.BYTES);
        int behind = Sector.count(end);
        Sector[] after = stable.copyOfSectors(behind);
        for (int i = first; i < behind; i++) {
            after[i] = visible.sector(i);
        }
        long stableLength = Math.max(stable.length(), end);
        List<PendingSector> pending = without(first, behind);
        if (stableLength < Math.min(visible.length(), (long) behind * Sector.BYTES)) {
            // The stable length cuts the last sector, so what an earlier write put behind it is still pending.
            pending = new ArrayList<>(pending);
            pending.add(new PendingSector(sequence, behind - 1, visible.sector(behind - 1)));
        }
        return of(
                after,
                stableLength,
                pending,
                lengths.stream().filter(known -> known.length() > stableLength).toList());
    }

    /**
     * The file after a failed sync: of each pending sector and of the length any version is stable, and nothing is
     * pending.
     */
    FileState syncFailed(SplittableRandom random) {
        return syncFailed(random, 0, Integer.MAX_VALUE);
    }

    /** The same for a range of sectors alone. */
    FileState syncFailed(SplittableRandom random, int firstSector, int behindSector) {
        Sector[] after = stable.copyOfSectors(Sector.count(visible.length()));
        for (PendingSector pending : sectors) {
            if (pending.sector() >= firstSector && pending.sector() < behindSector && random.nextBoolean()) {
                after[pending.sector()] = pending.content();
            }
        }
        int reached = random.nextInt(lengths.size() + 1);
        long length = reached == 0 ? stable.length() : lengths.get(reached - 1).length();
        return of(after, Math.max(length, stable.length()), without(firstSector, behindSector), List.of());
    }

    /** A number that tells different visible, stable and pending bytes and lengths apart. */
    long digest() {
        long digest = visible.digest() * 31 + stable.digest();
        for (PendingSector pending : sectors) {
            digest = (digest ^ pending.sector()) * 0x9E3779B97F4A7C15L
                    + pending.content().digest();
        }
        for (PendingLength pending : lengths) {
            digest = (digest ^ pending.length()) * 0xD6E8FEB86659FD93L;
        }
        return digest;
    }

    private List<PendingSector> without(int firstSector, int behindSector) {
        return sectors.stream()
                .filter(pending -> pending.sector() < firstSector || pending.sector() >= behindSector)
                .toList();
    }

    private FileState of(
            Sector[] stableSectors, long length, List<PendingSector> pending, List<PendingLength> lengths) {
        Content content = Content.of(stableSectors, length);
        // One object for both lets images share it and makes isStable() a comparison of two references.
        return content.sameAs(visible) && pending.isEmpty() && lengths.isEmpty()
                ? stable(visible)
                : new FileState(visible, content, pending, lengths);
    }
}
