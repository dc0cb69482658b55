package dev.holdfast.testkit.disk;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A file at one moment: the bytes that readers see, the bytes on stable storage, and the pending writes (written but
 * not yet synced). Immutable.
 *
 * <p>The bytes of a pending write are visible, but a power failure may lose them. Bytes that are visible but neither
 * stable nor pending are <em>lost</em>: a sync of these bytes failed, and no later sync writes them.
 */
final class FileState {
    static final FileState EMPTY = new FileState(Content.EMPTY, Content.EMPTY, List.of(), List.of());

    /** A version of a sector that was written but not yet synced. The sequence numbers order all changes of a disk. */
    record PendingSector(long sequence, int sector, Sector content) {}

    /**
     * A length of the file that a write has set and that is not yet synced. The sequence numbers order all changes of a
     * disk.
     */
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

    /** Creates a file whose content is entirely on stable storage. */
    static FileState stable(Content content) {
        return new FileState(content, content, List.of(), List.of());
    }

    Content visible() {
        return visible;
    }

    Content stable() {
        return stable;
    }

    /** Returns the sector versions that are not yet on stable storage, oldest first. */
    List<PendingSector> pendingSectors() {
        return sectors;
    }

    /** Returns the lengths that are not yet on stable storage, in ascending order. */
    List<PendingLength> pendingLengths() {
        return lengths;
    }

    /**
     * Returns whether all visible bytes are on stable storage. Returns false if a power failure can change the file.
     */
    boolean isStable() {
        return visible == stable;
    }

    /** Returns the file after a write. The write uses one sequence number for each sector and one for the length. */
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

    /**
     * Returns the file after a sync. All pending changes are then stable. Bytes that an earlier failed sync has lost do
     * not become stable.
     */
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

    /**
     * Returns the file after a synced write of this range. Only the sectors of the range, and a file length that
     * includes the range, become stable.
     */
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
            // If the stable length ends within the last sector, bytes that an earlier write put after that length
            // are still pending.
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
     * Returns the file after a failed sync. For each pending sector and for the length, chance decides which version
     * became stable. Afterwards nothing is pending.
     */
    FileState syncFailed(SplittableRandom random) {
        return syncFailed(random, 0, Integer.MAX_VALUE);
    }

    /** Returns the file after a failed sync of a range of sectors. Pending sectors outside the range stay pending. */
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

    /** Returns a hash of the visible, stable and pending bytes and lengths. */
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
        // Sharing one object saves memory across images and lets isStable() compare two references.
        return content.sameAs(visible) && pending.isEmpty() && lengths.isEmpty()
                ? stable(visible)
                : new FileState(visible, content, pending, lengths);
    }
}
