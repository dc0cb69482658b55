package dev.holdfast.spec;

import dev.holdfast.testkit.disk.CrashDisk;
import dev.holdfast.testkit.disk.DiskState;
import dev.holdfast.testkit.disk.PowerCut;
import dev.holdfast.wal.format.Checksum;
import dev.holdfast.wal.format.Footer;
import dev.holdfast.wal.format.GroupHeader;
import dev.holdfast.wal.format.GroupKind;
import dev.holdfast.wal.format.Layout;
import dev.holdfast.wal.format.Predecessor;
import dev.holdfast.wal.format.SegmentHeader;
import dev.holdfast.wal.format.SegmentName;
import dev.holdfast.wal.segment.GroupReader;
import dev.holdfast.wal.segment.ReadBuffer;
import dev.holdfast.wal.segment.Segment;
import dev.holdfast.wal.segment.SegmentIndex;
import dev.holdfast.wal.storage.ReadableFile;
import dev.holdfast.wal.storage.Storage;
import dev.holdfast.wal.storage.StoredFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The segments on a simulated disk, in the words of the module LogTrace. The bytes are parsed with the code of core.
 *
 * @param visible the segments that a program sees, as TLA+ values, by epoch
 * @param stable the segments that a power failure leaves if it takes everything that was not synced
 * @param newest the largest number of a record that is visible; 0 if there is none
 */
record Observed(SortedMap<Long, String> visible, SortedMap<Long, String> stable, long newest) {
    static Observed of(DiskState state) {
        try {
            long[] newest = {0};
            SortedMap<Long, String> visible = segments(state.killed(), newest);
            return new Observed(visible, segments(state.powerCut(PowerCut.NOTHING), new long[1]), newest[0]);
        } catch (IOException e) {
            throw new AssertionError("the simulated disk could not be read", e);
        }
    }

    private static SortedMap<Long, String> segments(CrashDisk disk, long[] newest) throws IOException {
        SortedMap<Long, String> segments = new TreeMap<>();
        try (Storage storage = disk.process()) {
            for (StoredFile file : storage.list()) {
                if (SegmentName.parse(file.name()).isPresent()) {
                    SegmentHeader header = header(storage, file.name());
                    segments.put(header.epoch(), segment(storage, header, newest));
                }
            }
        }
        return segments;
    }

    private static SegmentHeader header(Storage storage, String name) throws IOException {
        ByteBuffer block = ByteBuffer.allocate(Layout.HEADER_BYTES);
        try (ReadableFile file = storage.openForReading(name)) {
            file.read(0, block);
        }
        if (SegmentHeader.parse(block.array(), new Checksum()) instanceof SegmentHeader.Parsed.Valid valid) {
            return valid.header();
        }
        throw new AssertionError(name + " has no valid header");
    }

    private static String segment(Storage storage, SegmentHeader header, long[] newest) throws IOException {
        Segment segment = new Segment(storage, header, new SegmentIndex());
        Optional<Footer> footer = GroupReader.footer(storage, header, new ReadBuffer());
        ReadBuffer buffer = new ReadBuffer();
        GroupReader reader = new GroupReader(header, buffer);
        try {
            buffer.look(segment.acquire(), header.fileLength());
            List<String> groups = groups(reader, header.baseId() - 1, newest);
            boolean slot = reader.read(Layout.slotOffset(header.fileLength()));
            Predecessor before = header.predecessor();
            String kind = before instanceof Predecessor.Sealed
                    ? "sealed"
                    : before instanceof Predecessor.Cut ? "cut" : "none";
            long epoch = before instanceof Predecessor.Before named ? named.epoch() : 0;
            return "[base |-> " + header.baseId() + ", pred |-> \"" + kind + "\", epoch |-> " + epoch + ", pin |-> "
                    + (header.pinned() ? "TRUE" : "FALSE") + ", trim |-> " + header.trimPoint() + ", groups |-> <<"
                    + String.join(", ", groups) + ">>, slot |-> "
                    + (slot ? marker(reader.group()) : "[kind |-> \"none\", first |-> 0, durable |-> 0, trim |-> 0]")
                    + ", footer |-> " + footer.map(Footer::nextId).orElse(0L) + "]";
        } finally {
            segment.release();
        }
    }

    private static List<String> groups(GroupReader reader, long lastBefore, long[] newest) throws IOException {
        List<String> groups = new ArrayList<>();
        long last = lastBefore;
        for (long at = Layout.HEADER_BYTES; reader.enter(at, last) == null; at = reader.nextGroup()) {
            GroupHeader group = reader.group();
            List<String> batches = new ArrayList<>();
            if (group.kind() == GroupKind.RECORDS) {
                List<String> batch = new ArrayList<>();
                while (reader.framesLeft() > 0 && reader.next()) {
                    long number = reader.data().getLong(reader.data().position());
                    newest[0] = Math.max(newest[0], number);
                    batch.add(String.valueOf(number));
                    if (reader.endsBatch()) {
                        batches.add("<<" + String.join(", ", batch) + ">>");
                        batch.clear();
                    }
                }
                if (reader.framesLeft() > 0 || !reader.isComplete()) return groups;
                last = reader.id();
            }
            String fields = marker(group);
            groups.add(
                    fields.substring(0, fields.length() - 1) + ", batches |-> <<" + String.join(", ", batches) + ">>]");
        }
        return groups;
    }

    private static String marker(GroupHeader group) {
        return "[kind |-> \"" + group.kind() + "\", first |-> " + group.firstId() + ", durable |-> " + group.durableId()
                + ", trim |-> " + group.trimPoint() + "]";
    }
}
