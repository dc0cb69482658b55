package dev.holdfast.wal.chain;

import dev.holdfast.wal.CorruptLogException;
import dev.holdfast.wal.UnsupportedFormatException;
import dev.holdfast.wal.format.Checksum;
import dev.holdfast.wal.format.Footer;
import dev.holdfast.wal.format.Predecessor;
import dev.holdfast.wal.format.SegmentHeader;
import dev.holdfast.wal.format.SegmentName;
import dev.holdfast.wal.segment.Damage;
import dev.holdfast.wal.segment.GroupReader;
import dev.holdfast.wal.segment.ReadBuffer;
import dev.holdfast.wal.storage.ReadableFile;
import dev.holdfast.wal.storage.Storage;
import dev.holdfast.wal.storage.StoredFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;

/**
 * The headers of all segments in a directory, and which segment follows which. A file counts as a segment if it has a
 * segment's name and a valid header.
 *
 * @param byEpoch the valid headers, by epoch
 * @param files all files of the directory
 * @param damages one exception for each file with a segment's name that is not a valid segment of the log
 * @param footers valid footers, by epoch, that {@link #of} read together with the headers; a segment may have one
 *     nevertheless if its footer is not here
 */
public record SegmentHeaders(
        NavigableMap<Long, SegmentHeader> byEpoch,
        List<StoredFile> files,
        List<CorruptLogException> damages,
        Map<Long, Footer> footers) {

    /** A segment's predecessor, and how it ended according to its successor. */
    public record Link(SegmentHeader header, Predecessor.Before end, SegmentHeader successor) {}

    /**
     * The predecessors of a segment.
     *
     * @param links from the newest to the oldest that was found
     * @param missing epoch of a predecessor that does not exist, or has no smaller ids than its successor
     * @param oldest the oldest segment that was found; {@code missing} is its predecessor
     */
    public record Lineage(List<Link> links, OptionalLong missing, SegmentHeader oldest) {}

    /**
     * Reads the headers in a directory, and the footers, because opening each file again would be slow.
     *
     * @param known headers by epoch, read before; a file that still has its name is not read again
     * @throws CorruptLogException if a file with a segment's name is not a valid segment of the log
     */
    public static SegmentHeaders of(Storage storage, List<StoredFile> files, Map<Long, SegmentHeader> known)
            throws IOException {
        SegmentHeaders found = ofDamaged(storage, files, known);
        if (!found.damages.isEmpty()) throw found.damages.get(0);
        return found;
    }

    /** Reads headers as {@link #of} does, but collects damages. Fails only if the format version is newer. */
    public static SegmentHeaders ofDamaged(Storage storage, List<StoredFile> files, Map<Long, SegmentHeader> known)
            throws IOException {
        SegmentFiles reader = new SegmentFiles(storage, new HashMap<>(), new ReadBuffer());
        NavigableMap<Long, SegmentHeader> headers = new TreeMap<>();
        List<CorruptLogException> damages = new ArrayList<>();
        Set<Long> twins = new HashSet<>();
        for (StoredFile file : files) {
            Optional<SegmentName> name = SegmentName.parse(file.name());
            if (name.isEmpty()) continue;
            try {
                SegmentHeader before = known.get(name.get().epoch());
                SegmentHeader header =
                        before != null && before.name().equals(name.get()) ? before : reader.header(file, name.get());
                SegmentHeader twin = headers.put(header.epoch(), header);
                if (twin != null) {
                    twins.add(header.epoch());
                    long firstId = Math.min(twin.baseId(), header.baseId());
                    String other = twin.name().fileName() + ", but no two segments share an epoch";
                    throw damaged(file.name(), "has the same epoch as " + other, firstId)
                            .remedyOrDrop("Remove the file that does not belong here, or restore both from a copy.");
                }
            } catch (CorruptLogException e) {
                damages.add(e);
            }
        }
        headers.keySet().removeAll(twins);
        removeForeign(headers, damages);
        return new SegmentHeaders(headers, files, damages, reader.footers);
    }

    /** Adds segments created during the listing, which footers name. A listing may take longer than a roll. */
    public void addSuccessors(Storage storage) throws IOException {
        SegmentFiles reader = new SegmentFiles(storage, new HashMap<>(), new ReadBuffer());
        Optional<Footer> footer = GroupReader.footer(storage, newest(), reader.buffer);
        while (footer.isPresent()) {
            SegmentName next =
                    new SegmentName(footer.get().successorEpoch(), footer.get().nextId());
            Optional<StoredFile> file = storage.find(next.fileName());
            if (next.epoch() <= newest().epoch() || file.isEmpty()) return;
            byEpoch.put(next.epoch(), reader.header(file.get(), next));
            footer = GroupReader.footer(storage, newest(), reader.buffer);
        }
    }

    public boolean isEmpty() {
        return byEpoch.isEmpty();
    }

    /** Returns the segment with the highest epoch. It determines which segments are live. */
    public SegmentHeader newest() {
        return byEpoch.lastEntry().getValue();
    }

    /**
     * Follows the predecessors of a segment, as far as they exist, back to the log's origin, or to the segment with the
     * first record after the trim point. Reads no file.
     */
    public Lineage lineage(SegmentHeader newest, long trimPoint) {
        List<Link> links = new ArrayList<>();
        SegmentHeader oldest = newest;
        while (oldest.predecessor() instanceof Predecessor.Before end
                && oldest.baseId() - 1 > trimPoint) { // seam: trimmed-predecessor
            SegmentHeader before = byEpoch.get(end.epoch());
            if (before == null || before.baseId() >= oldest.baseId()) {
                return new Lineage(links, OptionalLong.of(end.epoch()), oldest);
            }
            links.add(new Link(before, end, oldest));
            oldest = before;
        }
        return new Lineage(links, OptionalLong.empty(), oldest);
    }

    /** Reads segment files, one after the other, through the same buffers: new direct memory for each is expensive. */
    private record SegmentFiles(Storage storage, Map<Long, Footer> footers, ReadBuffer buffer) {
        SegmentHeader header(StoredFile file, SegmentName name) throws IOException {
            if (!file.regular()) {
                throw damaged(file.name(), "has the name of a segment but is not a regular file", name.baseId())
                        .remedyOrDrop("Remove it, and restore the segment that had this name, if there was one.");
            }
            try (ReadableFile opened = storage.openForReading(file)) {
                SegmentHeader header = checked(file, name, SegmentHeader.parse(buffer.header(opened), new Checksum()));
                readFooter(opened, header);
                return header;
            }
        }

        private void readFooter(ReadableFile file, SegmentHeader header) {
            try {
                GroupReader.footer(file, header, buffer).ifPresent(footer -> footers.put(header.epoch(), footer));
            } catch (IOException e) {
                // The segment may be dead. If it is live, its footer is read again, which reports the error.
                return; // seam: footer-unreadable
            }
        }

        private SegmentHeader checked(StoredFile file, SegmentName name, SegmentHeader.Parsed parsed)
                throws IOException {
            if (parsed instanceof SegmentHeader.Parsed.Unsupported unsupported) {
                throw new UnsupportedFormatException(storage.name() + ": " + file.name() + " has " + unsupported.what()
                        + "; this version of the library reads format version " + SegmentHeader.VERSION
                        + ". The log is not damaged: open it with a newer version.");
            }
            if (parsed instanceof SegmentHeader.Parsed.Broken broken) {
                String why = broken.why() + " (" + file.length() + " bytes)";
                throw damaged(file.name(), "has the name of a segment but no valid header: " + why, name.baseId())
                        .restoreOrDrop();
            }
            SegmentHeader header = ((SegmentHeader.Parsed.Valid) parsed).header();
            if (!header.name().equals(name)) {
                String own = header.name().fileName();
                throw damaged(
                                file.name(),
                                "has the header of " + own + ": the file was renamed or copied",
                                name.baseId())
                        .remedyOrDrop("Restore its name, or remove it if it is a copy.");
            }
            if (file.length() < header.fileLength()) {
                String found = "the file ends here, expected " + header.fileLength() + " bytes";
                throw Damage.at(file.name(), file.length(), found)
                        .means("It was cut short, so")
                        .recordsFrom(name.baseId(), "may be lost and the log was not opened.")
                        .restoreOrDrop();
            }
            return header;
        }
    }

    private static void removeForeign(NavigableMap<Long, SegmentHeader> headers, List<CorruptLogException> damages) {
        List<SegmentHeader> all = List.copyOf(headers.values());
        for (SegmentHeader header : all) {
            SegmentHeader newest = all.get(all.size() - 1);
            if (!header.logId().equals(newest.logId())) {
                headers.remove(header.epoch());
                String found = "belongs to log " + header.logId() + ", expected " + newest.logId() + " as in "
                        + newest.name().fileName() + ": files of two logs were mixed";
                damages.add(damaged(header.name().fileName(), found, header.baseId())
                        .remedyOrDrop("Remove the files of the other log, and restore those of this log."));
            }
        }
    }

    /** Begins the message for a file that is not a segment of the log as a whole. */
    private static Damage damaged(String file, String found, long firstIdAtRisk) {
        return Damage.at(file, 0, "the file " + found)
                .recordsFrom(firstIdAtRisk, "may be lost and the log was not opened.");
    }
}
