package dev.holdfast.wal.format;

import dev.holdfast.wal.format.FormatDoc.Field;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;

/**
 * Reads a directory of undamaged files by {@code docs/format.md} alone. Offsets, sizes and codes come from the
 * document's tables; no class of the library is used. If the reader understands what the library wrote, the document is
 * complete and correct for these files.
 */
final class SpecReader {
    private static final Pattern NAME = Pattern.compile("([0-9a-f]{8,})-([0-9a-f]{16})\\.seg");

    private final Map<String, Field> header;
    private final Map<String, Field> group;
    private final Map<String, Field> frame;
    private final Map<String, Field> footer;
    private final long[] regionNumbers;
    private final long[] maskNumbers;
    private final Map<String, Long> constants = new TreeMap<>();
    private final Map<Long, String> kinds = new TreeMap<>();
    private final Map<Long, Segment> segments = new TreeMap<>(Comparator.reverseOrder());

    private final List<Found> records = new ArrayList<>();
    private long trimPoint;
    private long nextId;
    private boolean pinned;
    private boolean closed;

    record Found(long id, byte[] data, String file, long end, boolean endsBatch) {}

    private record Segment(String file, byte[] bytes, long epoch, long baseId) {}

    /** Creates a reader without files, for the arithmetic alone. */
    SpecReader(FormatDoc doc) {
        header = doc.fields("Header");
        group = doc.fields("Group header");
        frame = doc.fields("Frame");
        footer = doc.fields("Footer body");
        doc.map("Constants", "name", "value").forEach((name, value) -> constants.put(name, FormatDoc.number(value)));
        doc.map("Kinds of groups", "code", "name").forEach((code, name) -> kinds.put(code(code), name));
        regionNumbers = numbers(doc.block("Regions"), "\\b\\d+\\b", 13);
        // The first number and the last but one are bit widths, not constants of the formula.
        long[] all = numbers(doc.block("Mask"), "0x[0-9A-F]+|\\b\\d+\\b", 9);
        maskNumbers = new long[] {all[1], all[2], all[3], all[4], all[5], all[6], all[8]};
    }

    /** Reads a log. */
    SpecReader(FormatDoc doc, Map<String, byte[]> files) {
        this(doc);
        files.forEach(this::segment);
        Segment tail = segments.values().iterator().next();
        trimPoint = i64(tail, "trim point");
        List<Found> found = new ArrayList<>(readTail(tail));
        pinned = found.isEmpty() && (header.get("flags").get(tail.bytes, 0) & 1) != 0;
        nextId = tail.baseId + found.size();
        for (Segment at = tail; i32(at, "predecessor kind") != 0 && at.baseId - 1 > trimPoint; ) {
            Segment before = segments.get(i64(at, "predecessor epoch"));
            List<Found> earlier = readTo(before, i64(at, "predecessor end"), at.baseId);
            earlier.addAll(found);
            found = earlier;
            at = before;
        }
        found.stream().filter(record -> record.id > trimPoint).forEach(records::add);
    }

    List<Found> records() {
        return records;
    }

    long nextId() {
        return nextId;
    }

    boolean isPinned() {
        return pinned && records.isEmpty();
    }

    boolean isClosed() {
        return closed;
    }

    private static long[] numbers(String block, String pattern, int count) {
        long[] numbers = Pattern.compile(pattern)
                .matcher(block)
                .results()
                .mapToLong(number -> FormatDoc.number(number.group()))
                .toArray();
        check(numbers.length == count, "the block has " + count + " numbers: " + block);
        return numbers;
    }

    private static long code(String four) {
        byte[] characters = four.getBytes(StandardCharsets.US_ASCII);
        return new Field(0, 4).get(characters, 0);
    }

    private void segment(String file, byte[] bytes) {
        Matcher name = NAME.matcher(file);
        if (!name.matches()) {
            return;
        }
        Segment segment =
                new Segment(file, bytes, Long.parseLong(name.group(1), 16), Long.parseLong(name.group(2), 16));
        byte[] block = Arrays.copyOf(bytes, (int) constant("header block"));
        long stored = header.get("checksum").get(block, 0);
        Arrays.fill(
                block, header.get("checksum").offset(), header.get("checksum").offset() + 4, (byte) 0);
        check(stored == crc(block, 0, block.length), "the checksum of the header of " + file + " matches");
        check(new String(block, 0, 8, StandardCharsets.US_ASCII).equals("HOLDFAST"), file + " begins with the magic");
        check(i32(segment, "version") == 1 && i32(segment, "features") == 0, file + " is of version 1");
        check(
                i64(segment, "epoch") == segment.epoch && i64(segment, "base id") == segment.baseId,
                file + " has the name that its header requires");
        check(i64(segment, "file length") <= bytes.length, file + " is whole");
        segments.put(segment.epoch, segment);
    }

    private List<Found> readTail(Segment tail) {
        List<Found> found = new ArrayList<>();
        long offset = constant("header block");
        long id = tail.baseId;
        boolean endsWithClose = false;
        boolean whole = true;
        while (whole && isGroup(tail, offset)) {
            check(get(tail, "first id", offset) == id, "group " + offset + " follows");
            check(get(tail, "durable id", offset) < id, "group " + offset + " proves none of its own records");
            List<Found> records = frames(tail, offset);
            whole = !kind(tail, offset).equals("RECORDS") || records.size() == get(tail, "count", offset);
            while (!whole && !records.isEmpty() && !records.get(records.size() - 1).endsBatch) {
                records.remove(records.size() - 1);
            }
            trimPoint = Math.max(trimPoint, get(tail, "trim point", offset));
            endsWithClose = kind(tail, offset).equals("CLOSE");
            id += records.size();
            found.addAll(records);
            offset = next(tail, offset);
        }
        long slot = regions(tail).get("slot");
        closed = endsWithClose
                && isGroup(tail, slot)
                && kind(tail, slot).equals("CLOSE")
                && get(tail, "first id", slot) == id;
        return found;
    }

    private List<Found> readTo(Segment segment, long end, long nextBaseId) {
        List<Found> found = new ArrayList<>();
        for (long offset = constant("header block"); offset < end; offset = next(segment, offset)) {
            check(isGroup(segment, offset), "there is a group at byte " + offset + " of " + segment.file);
            found.addAll(frames(segment, offset));
        }
        found.removeIf(record -> record.id >= nextBaseId);
        check(segment.baseId + found.size() == nextBaseId, segment.file + " holds all records up to " + nextBaseId);
        checkFooter(segment, nextBaseId, found);
        return found;
    }

    private void checkFooter(Segment segment, long nextBaseId, List<Found> found) {
        long offset = regions(segment).get("footer");
        if (!isGroup(segment, offset)) {
            return;
        }
        check(kind(segment, offset).equals("FOOTER"), "there is a footer at its offset");
        check(get(segment, "first id", offset) >= nextBaseId, "the footer covers what is live");
        int body = (int) offset + (int) constant("group header");
        int bytes = (int) get(segment, "body bytes", offset);
        long sum = crc(segment.bytes, body + 4, bytes - 4) ^ mask(i64(segment, "salt"), body);
        check(footer.get("checksum").get(segment.bytes, body) == sum, "the checksum of the footer's body matches");
        check(footer.get("base id").get(segment.bytes, body) == segment.baseId, "the footer is this segment's");
        for (int i = 0; i < get(segment, "count", offset); i++) {
            int entry = body
                    + footer.get("entries").offset()
                    + i * footer.get("entries").size();
            long id = segment.baseId + new Field(0, 4).get(segment.bytes, entry);
            long frameAt = new Field(8, 4).get(segment.bytes, entry);
            for (Found record : found) {
                long start = record.end - constant("frame header") - record.data.length;
                check((record.id == id) == (start == frameAt), "the index has the offset of record " + id);
            }
        }
    }

    private Map<String, Long> regions(Segment segment) {
        return regions(i64(segment, "file length"));
    }

    /** Computes the offsets of a segment's regions with the document's formula and numbers. */
    Map<String, Long> regions(long length) {
        long[] n = regionNumbers;
        long footer = (length - (n[0] + n[1] + n[2] * (length / n[3] + n[4]))) / n[5] * n[5];
        long slot = footer - n[6];
        long groupsEnd = slot - (length < n[9] ? n[8] : length < n[11] ? n[10] : n[12]);
        return Map.of("footer", footer, "slot", slot, "groups end", groupsEnd, "records end", groupsEnd - n[7]);
    }

    private boolean isGroup(Segment segment, long offset) {
        int at = (int) offset;
        long sum = crc(segment.bytes, at + 4, (int) constant("group header") - 4) ^ mask(i64(segment, "salt"), offset);
        return kinds.containsKey(group.get("kind").get(segment.bytes, at))
                && group.get("checksum").get(segment.bytes, at) == sum
                && group.get("trim point").get(segment.bytes, at) >= -1
                && group.get("trim point").get(segment.bytes, at) < Long.MAX_VALUE;
    }

    /** Returns the records of a group; stops before the first frame that is not intact. */
    private List<Found> frames(Segment segment, long groupOffset) {
        List<Found> found = new ArrayList<>();
        if (!kind(segment, groupOffset).equals("RECORDS")) {
            return found;
        }
        int at = (int) (groupOffset + constant("group header"));
        long end = at + get(segment, "body bytes", groupOffset);
        long id = get(segment, "first id", groupOffset);
        for (long i = get(segment, "count", groupOffset); i > 0; i--) {
            long word = frame.get("length").get(segment.bytes, at);
            int length = (int) (word & 0x7fffffff);
            int data = at + (int) constant("frame header");
            if (data + (long) length > end
                    || frame.get("checksum").get(segment.bytes, at)
                            != (crc(segment.bytes, at + 4, length + 4) ^ mask(i64(segment, "salt"), at))) {
                return found;
            }
            at = data + length;
            found.add(new Found(id++, Arrays.copyOfRange(segment.bytes, data, at), segment.file, at, word >>> 31 == 1));
        }
        check(at == end, "the frames fill the group at byte " + groupOffset);
        check(found.get(found.size() - 1).endsBatch, "a group ends with a batch");
        return found;
    }

    private String kind(Segment segment, long offset) {
        return kinds.get(group.get("kind").get(segment.bytes, (int) offset));
    }

    private long next(Segment segment, long offset) {
        long end = offset + constant("group header") + get(segment, "body bytes", offset);
        return (end + 7) / 8 * 8;
    }

    private long get(Segment segment, String field, long offset) {
        return group.get(field).get(segment.bytes, (int) offset);
    }

    private long i64(Segment segment, String field) {
        return header.get(field).get(segment.bytes, 0);
    }

    private int i32(Segment segment, String field) {
        return (int) header.get(field).get(segment.bytes, 0);
    }

    private long constant(String name) {
        return constants.get(name);
    }

    private static long crc(byte[] bytes, int from, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, from, length);
        return crc.getValue();
    }

    /** Computes the 32-bit mask with the document's formula and numbers. */
    long mask(long salt, long offset) {
        long[] n = maskNumbers;
        long z = salt + offset * n[0];
        z = (z ^ z >>> n[1]) * n[2];
        z = (z ^ z >>> n[3]) * n[4];
        z = z ^ z >>> n[5];
        return (z ^ z >>> n[6]) & 0xffffffffL;
    }

    static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    private static void check(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError("it does not hold that " + what);
        }
    }
}
