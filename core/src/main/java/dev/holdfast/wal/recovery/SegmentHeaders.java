package dev.holdfast.wal.recovery;

import dev.holdfast.wal.CorruptLogException;
import dev.holdfast.wal.UnsupportedFormatException;
import dev.holdfast.wal.format.Checksum;
import dev.holdfast.wal.format.Footer;
import dev.holdfast.wal.format.Layout;
import dev.holdfast.wal.format.Predecessor;
import dev.holdfast.wal.format.SegmentHeader;
import dev.holdfast.wal.format.SegmentName;
import dev.holdfast.wal.segment.Footers;
import dev.holdfast.wal.segment.Remedy;
import dev.holdfast.wal.storage.ReadableFile;
import dev.holdfast.wal.storage.Storage;
import dev.holdfast.wal.storage.StoredFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The segments that a directory holds, by epoch: every file whose name is a segment's, with a header that has been
 * checked. Which of them are live is the {@link LiveChain}'s decision.
 *
 * @param headers by epoch, of the files that are what their names say
 * @param files all files, segments or not
 * @param damages what is wrong with the others
 */
public record SegmentHeaders(
        NavigableMap<Long, SegmentHeader> headers, List<StoredFile> files, List<CorruptLogException> damages) {

    /**
     * Surveys a directory that is to be opened.
     *
     * @param known headers by epoch, of files that are unchanged if they still have their names
     * @throws CorruptLogException if one file is not what its name says
     */
    static SegmentHeaders of(Storage storage, List<StoredFile> files, Map<Long, SegmentHeader> known)
            throws IOException {
        SegmentHeaders survey = ofDamaged(storage, files, known);
        if (!survey.damages.isEmpty()) {
            throw survey.damages.get(0);
        }
        return survey;
    }

    /** Surveys a directory whatever stands in it. A newer format is no damage, and ends it. */
    public static SegmentHeaders ofDamaged(Storage storage, List<StoredFile> files) throws IOException {
        return ofDamaged(storage, files, Map.of());
    }

    private static SegmentHeaders ofDamaged(Storage storage, List<StoredFile> files, Map<Long, SegmentHeader> known)
            throws IOException {
        NavigableMap<Long, SegmentHeader> headers = new TreeMap<>();
        List<CorruptLogException> damages = new ArrayList<>();
        Set<Long> twins = new HashSet<>();
        Checksum checksum = new Checksum();
        for (StoredFile file : files) {
            Optional<SegmentName> name = SegmentName.parse(file.name());
            if (name.isPresent()) {
                try {
                    SegmentHeader before = known.get(name.get().epoch());
                    SegmentHeader header = before != null && before.name().equals(name.get())
                            ? before
                            : header(storage, file, name.get(), checksum);
                    SegmentHeader twin = headers.put(header.epoch(), header);
                    if (twin != null) {
                        twins.add(header.epoch());
                        throw damaged(
                                file.name(),
                                Math.min(twin.baseId(), header.baseId()),
                                "has the same epoch as " + twin.name().fileName()
                                        + ", and an epoch is never used twice",
                                "Take away the one that does not belong here, or restore both from a copy. "
                                        + otherwise(Math.min(twin.baseId(), header.baseId())));
                    }
                } catch (CorruptLogException e) {
                    damages.add(e);
                }
            }
        }
        headers.keySet().removeAll(twins);
        removeStrangers(headers, damages);
        return new SegmentHeaders(headers, files, damages);
    }

    /**
     * Adds the segments that came while the files were listed: each footer leads to the next one. A listing of many
     * takes longer than a roll.
     */
    void addSuccessors(Storage storage) throws IOException {
        Optional<Footer> footer = Footers.read(storage, newest());
        while (footer.isPresent()) {
            SegmentName next =
                    new SegmentName(footer.get().successorEpoch(), footer.get().nextId());
            Optional<StoredFile> file = storage.find(next.fileName());
            if (next.epoch() <= newest().epoch() || file.isEmpty()) {
                return;
            }
            headers.put(next.epoch(), header(storage, file.get(), next, new Checksum()));
            footer = Footers.read(storage, newest());
        }
    }

    public boolean isEmpty() {
        return headers.isEmpty();
    }

    /** The segment with the highest epoch: it says what is live. */
    public SegmentHeader newest() {
        return headers.lastEntry().getValue();
    }

    /** The names of the segments that the newest leads to, trimmed or not, as far as they are there; itself too. */
    Set<String> ledToFromNewest() {
        Set<String> names = new HashSet<>();
        SegmentHeader link = newest();
        while (link != null && names.add(link.name().fileName())) {
            link = predecessor(link);
        }
        return names;
    }

    private @Nullable SegmentHeader predecessor(SegmentHeader header) {
        return header.predecessor() instanceof Predecessor.Before before ? headers.get(before.epoch()) : null;
    }

    private static SegmentHeader header(Storage storage, StoredFile file, SegmentName name, Checksum checksum)
            throws IOException {
        if (!file.regular()) {
            throw damaged(
                    file.name(),
                    name.baseId(),
                    "has the name of a segment and is no regular file",
                    "Take it away, and restore the segment that had this name, if there was one. "
                            + otherwise(name.baseId()));
        }
        SegmentHeader.Parsed parsed = SegmentHeader.parse(firstBlock(storage, file.name()), checksum);
        if (parsed instanceof SegmentHeader.Parsed.Unsupported unsupported) {
            throw new UnsupportedFormatException(storage.name() + ": " + file.name() + " has " + unsupported.what()
                    + "; this version of the library reads format version " + SegmentHeader.VERSION
                    + ". The log is not damaged: open it with a newer version.");
        }
        if (parsed instanceof SegmentHeader.Parsed.Broken broken) {
            throw damaged(
                    file.name(),
                    name.baseId(),
                    "has the name of a segment and no valid header: " + broken.why() + " (" + file.length() + " bytes)",
                    Remedy.restoreOrDrop(name.baseId()));
        }
        SegmentHeader header = ((SegmentHeader.Parsed.Valid) parsed).header();
        if (!header.name().equals(name)) {
            throw damaged(
                    file.name(),
                    name.baseId(),
                    "has the header of " + header.name().fileName() + ": the file was renamed or copied",
                    "Restore its name, or take it away if it is a copy. " + otherwise(name.baseId()));
        }
        if (file.length() < header.fileLength()) {
            throw new CorruptLogException(
                    file.name() + " at byte " + file.length() + ": the file ends here, expected " + header.fileLength()
                            + " bytes. It was cut short, so records from " + name.baseId()
                            + " on may be lost and the log was not opened. " + Remedy.restoreOrDrop(name.baseId()),
                    file.name(),
                    file.length(),
                    name.baseId(),
                    Long.MAX_VALUE);
        }
        return header;
    }

    private static byte[] firstBlock(Storage storage, String name) throws IOException {
        ByteBuffer block = ByteBuffer.allocateDirect(Layout.HEADER_BYTES);
        try (ReadableFile file = storage.openForReading(name)) {
            file.read(0, block);
        }
        byte[] bytes = new byte[Layout.HEADER_BYTES];
        block.flip().get(bytes, 0, block.limit());
        return bytes;
    }

    private static void removeStrangers(NavigableMap<Long, SegmentHeader> headers, List<CorruptLogException> damages) {
        for (SegmentHeader header : List.copyOf(headers.values())) {
            SegmentHeader newest = headers.lastEntry().getValue();
            if (!header.logId().equals(newest.logId())) {
                headers.remove(header.epoch());
                damages.add(damaged(
                        header.name().fileName(),
                        header.baseId(),
                        "belongs to log " + header.logId() + ", expected " + newest.logId() + " as in "
                                + newest.name().fileName() + ": files of two logs were mixed",
                        "Take away the files of the other log, and restore those of this one. "
                                + otherwise(header.baseId())));
            }
        }
    }

    private static String otherwise(long firstId) {
        return "Otherwise " + Remedy.drop(firstId);
    }

    private static CorruptLogException damaged(String file, long firstIdAtRisk, String what, String remedy) {
        return new CorruptLogException(
                file + " at byte 0: the file " + what + ". Records from " + firstIdAtRisk
                        + " on may be lost and the log was not opened. " + remedy,
                file,
                0,
                firstIdAtRisk,
                Long.MAX_VALUE);
    }
}
