package dev.holdfast.wal.chain;

import static java.util.Objects.requireNonNull;
import static java.util.stream.Collectors.toSet;

import dev.holdfast.wal.format.Layout;
import dev.holdfast.wal.format.SpareName;
import dev.holdfast.wal.storage.Storage;
import dev.holdfast.wal.storage.StoredFile;
import java.io.IOException;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * The pool of spares: which spares exist, which one to take, and which ones are missing or superfluous. Only decides;
 * {@link SpareMaker} changes the directory.
 *
 * <p>Spares are files whose blocks are already allocated and written. They wait to become segments. Writing over such
 * blocks needs no free space and changes no file system metadata, so a sync is one flush of data.
 *
 * <p><em>Settled</em>: the spare's name is synced. Only then is a recycled spare written to, because after a power
 * failure its old name could refer to the new bytes. A spare with a second name, which a copy of the log may have made,
 * is never written to: decision 8.
 *
 * <p><em>Proven</em>: this log has written every block of the spare. An older file may have holes, so it is filled with
 * zeros before it is used: decision 16. Thread-safe: every change replaces an immutable list.
 */
public final class Spares {
    /**
     * Number of spares that appends never take, so recovery, truncate and trim work when the disk is full. At most two
     * operations in a row keep the spare they take; the next one needs the third while it runs. See decision 3.
     */
    public static final int RESERVED = 3;

    /** Maximum number of spares: the reserve and three for rolls. Decision 10 has the reasons. */
    static final int WANTED = RESERVED + 3;

    // A lambda instead of Comparator.comparing, so Lincheck, which instruments every object, meets no JDK class.
    private static final Comparator<Spare> SHORT_FIRST = (one, other) -> Long.compare(one.length(), other.length());

    private final AtomicReference<List<Spare>> all = new AtomicReference<>(List.of());
    private final Set<Long> numbersAdopted = new HashSet<>();
    private final AtomicLong nextNumber = new AtomicLong(1);
    private volatile long longestKept = Layout.MAX_FILE_BYTES;

    /** A spare: its name, its length in bytes, and whether it is proven and settled. */
    record Spare(String name, long length, boolean proven, boolean settled) {}

    /**
     * Sets the length of a segment. Longer spares, which large batches made, are then superfluous beyond the reserve.
     */
    void keepUpTo(long segmentBytes) {
        longestKept = segmentBytes;
    }

    /** Adds a file that was found under the name of a spare. Returns false if it can not become a segment. */
    boolean adopt(SpareName name, StoredFile file) {
        numbersAdopted.add(name.number()); // seam: spare-number
        nextNumber.accumulateAndGet(name.number() + 1, Math::max); // seam: spare-next-number
        if (name.finished() && isUsable(file)) { // seam: spare-finished
            add(new Spare(file.name(), wholeWords(file), false, true)); // seam: spare-adopted
            return true;
        }
        return false;
    }

    /** Returns whether a file can become a spare: its length is possible for a segment and it has no second name. */
    private static boolean isUsable(StoredFile file) {
        return file.regular()
                && file.links() == 1
                && file.length() >= Layout.MIN_SEGMENT_BYTES
                && file.length() <= Layout.MAX_FILE_BYTES;
    }

    /** Returns the length that a file has as a segment. */
    static long wholeWords(StoredFile file) {
        return file.length() & -Layout.ALIGNMENT;
    }

    /** Returns a number that no spare has. If a file was found with the largest number, continues at 1. */
    long newNumber() {
        long number;
        do {
            number = nextNumber.getAndUpdate(next -> next >= SpareName.MAX_NUMBER ? 1 : next + 1);
        } while (number > SpareName.MAX_NUMBER || numbersAdopted.contains(number));
        return number;
    }

    void add(Spare spare) {
        change(spares -> Stream.concat(spares, Stream.of(spare)));
    }

    /** Forgets the spares whose files were deleted. The reserve may be incomplete afterwards. */
    void forgetDeleted(Storage storage) throws IOException {
        Set<String> names = storage.list().stream().map(StoredFile::name).collect(toSet());
        change(spares -> spares.filter(spare -> names.contains(spare.name())));
    }

    /** Removes a spare. Returns false if it is not in the pool anymore. */
    boolean remove(Spare spare) {
        return change(spares -> spares.filter(other -> !other.equals(spare))).contains(spare);
    }

    private List<Spare> spares() {
        return requireNonNull(all.get());
    }

    List<Spare> unsettled() {
        return spares().stream().filter(spare -> !spare.settled()).toList();
    }

    /** Makes those of these spares settled that are not forgotten. Their names were synced. */
    void settle(List<Spare> synced) {
        change(spares -> spares.map(spare ->
                synced.contains(spare) ? new Spare(spare.name(), spare.length(), spare.proven(), true) : spare));
    }

    /** Changes the pool. Returns the spares before the change. */
    private List<Spare> change(UnaryOperator<Stream<Spare>> change) {
        return requireNonNull(
                all.getAndUpdate(spares -> change.apply(spares.stream()).toList()));
    }

    int count() {
        return spares().size();
    }

    boolean has(long length) {
        return spares().stream().anyMatch(spare -> spare.length() >= length);
    }

    /** Returns the length of the shortest spare, or {@code lengthIfMade} if there is none. */
    long shortest(long lengthIfMade) {
        return spares().stream().mapToLong(Spare::length).min().orElse(lengthIfMade);
    }

    /** Returns whether there are as many spares as appends must leave. */
    public boolean hasReserve() {
        return count() >= RESERVED; // seam: reserve-count
    }

    /** Returns whether the reserve is complete without spares that are unproven, shorter, or longer than a segment. */
    boolean hasProvenReserve(long shortest) {
        return proven(shortest, longestKept) >= RESERVED; // seam: reserve-proven
    }

    /** Returns whether the reserve is complete without spares that are unproven or shorter. */
    boolean hasLongReserve(long shortest) {
        return proven(shortest, Long.MAX_VALUE) >= RESERVED;
    }

    /** Returns the number of proven spares of at least this length beyond the reserve. Allocates nothing. */
    int forRolls(long length) {
        return Math.max(0, Math.min(proven(length, Long.MAX_VALUE), proven(0, Long.MAX_VALUE) - RESERVED));
    }

    private int proven(long shortest, long longest) {
        List<Spare> spares = spares();
        int count = 0;
        for (int i = 0; i < spares.size(); i++) {
            Spare spare = spares.get(i);
            count += spare.proven() && spare.length() >= shortest && spare.length() <= longest ? 1 : 0;
        }
        return count;
    }

    /** Returns whether to recycle a dead file, after {@link #takeShorter} has made place for it. */
    boolean wants(StoredFile dead) {
        return isUsable(dead) && count() < (dead.length() <= longestKept ? WANTED : RESERVED);
    }

    /** Takes a settled spare of at least this length, also from the reserve. Prefers proven ones, then short ones. */
    Optional<Spare> take(long length) {
        return take(0, spare -> spare.proven() && spare.length() >= length)
                .or(() -> take(0, spare -> spare.length() >= length));
    }

    /** Takes a settled spare to prove it, of at least this length and at most that of a segment. */
    Optional<Spare> takeUnproven(long length) {
        return take(0, spare -> !spare.proven() && spare.length() >= length && spare.length() <= longestKept);
    }

    /** Takes a settled spare beyond the reserve to delete it, if it is shorter than needed or longer than a segment. */
    Optional<Spare> takeUnfit(long shortest) {
        Predicate<Spare> unfit = spare -> spare.length() < shortest || spare.length() > longestKept;
        return count() > RESERVED ? take(0, unfit) : Optional.empty();
    }

    /**
     * Takes a settled spare to replace it by a dead file, if there are enough spares. The shortest spares form the
     * reserve; of the rest, for rolls, the longest are kept.
     */
    Optional<Spare> takeShorter(StoredFile dead) {
        boolean replaces = count() >= WANTED && isUsable(dead) && dead.length() <= longestKept;
        return replaces ? take(RESERVED, spare -> spare.length() < dead.length()) : Optional.empty();
    }

    /** Skips the {@code left} shortest settled spares and takes the next wanted one, if there is any. */
    private Optional<Spare> take(int left, Predicate<Spare> wanted) {
        Optional<Spare> first;
        do {
            Stream<Spare> settled = spares().stream().filter(Spare::settled).sorted(SHORT_FIRST);
            first = settled.skip(left).filter(wanted).findFirst();
        } while (first.isPresent() && !remove(first.get()));
        return first;
    }
}
