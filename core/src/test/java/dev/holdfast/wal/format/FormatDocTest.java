package dev.holdfast.wal.format;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.wal.LogRecord;
import dev.holdfast.wal.format.FormatDoc.Field;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Compares {@code docs/format.md} with the code. Literal numbers in the assertions are the document's. */
class FormatDocTest {
    private static final long SALT = 0x0123456789abcdefL;
    private static final UUID LOG = new UUID(0x1011121314151617L, 0x18191a1b1c1d1e1fL);

    private final FormatDoc doc = FormatDoc.read();
    private final SpecReader spec = new SpecReader(doc);
    private final Checksum checksum = new Checksum();

    @Test
    void constantsAreThoseOfTheCode() {
        Map<String, Long> code = new LinkedHashMap<>();
        code.put("header block", (long) Layout.HEADER_BYTES);
        code.put("group header", (long) Layout.GROUP_HEADER_BYTES);
        code.put("frame header", (long) Layout.FRAME_HEADER_BYTES);
        code.put("alignment", (long) Layout.ALIGNMENT);
        code.put("shortest segment", (long) Layout.MIN_SEGMENT_BYTES);
        code.put("longest segment", Layout.MAX_FILE_BYTES);
        code.put("largest record", (long) LogRecord.MAX_DATA_BYTES);
        code.put("largest epoch", 1L << 62);
        code.put("index interval", (long) Layout.INDEX_INTERVAL_BYTES);
        code.put("footer fixed part", (long) Layout.FOOTER_FIXED_BYTES);
        code.put("index entry", (long) Layout.INDEX_ENTRY_BYTES);
        Map<String, Long> said = new LinkedHashMap<>();
        doc.map("Constants", "name", "value").forEach((name, value) -> said.put(name, FormatDoc.number(value)));
        assertThat(said).isEqualTo(code);
    }

    @Test
    void largestEpochIsValidAndOneMoreIsNot() {
        assertThat(parsedWithEpoch(1L << 62)).isInstanceOf(SegmentHeader.Parsed.Valid.class);
        assertThat(parsedWithEpoch((1L << 62) + 1)).isInstanceOf(SegmentHeader.Parsed.Broken.class);
    }

    private SegmentHeader.Parsed parsedWithEpoch(long epoch) {
        return SegmentHeader.parse(
                new SegmentHeader(epoch, 1, 8192, 1, false, LOG, SALT, 0, new Predecessor.None()).encode(checksum),
                checksum);
    }

    @Test
    void regionsAreThoseOfTheCode() {
        for (Map<String, String> row : doc.table("Regions")) {
            long length = FormatDoc.number(row.get("length"));
            assertThat(row)
                    .containsEntry("records end", "" + Layout.recordsEnd(length))
                    .containsEntry("groups end", "" + Layout.groupsEnd(length))
                    .containsEntry("slot", "" + Layout.slotOffset(length))
                    .containsEntry("footer", "" + Layout.footerOffset(length))
                    .containsEntry("room for groups of records", "" + (Layout.recordsEnd(length) - 4096));
        }
    }

    @Test
    void formulasOfTheRegionsGiveWhatTheCodeGives() {
        for (long length = 8192; length <= 1 << 20; length += 512) {
            Map<String, Long> regions = spec.regions(length);
            assertThat(regions)
                    .as("length %d", length)
                    .containsEntry("footer", Layout.footerOffset(length))
                    .containsEntry("slot", Layout.slotOffset(length))
                    .containsEntry("groups end", Layout.groupsEnd(length))
                    .containsEntry("records end", Layout.recordsEnd(length));
        }
    }

    @Test
    void headerIsEncodedAsTheTableSays() {
        SegmentHeader cut = new SegmentHeader(
                0x2021222324252627L,
                0x3031323334353637L,
                0x40414243L,
                0x00050607,
                true,
                LOG,
                SALT,
                0x6061626364656667L,
                new Predecessor.Cut(0x1071727374757677L, 0x8081828384858687L, 0x90919293));
        byte[] block = cut.encode(checksum);
        Map<String, Long> values = new LinkedHashMap<>();
        values.put("magic", new Field(0, 8).get("HOLDFAST".getBytes(StandardCharsets.US_ASCII), 0));
        values.put("version", 1L);
        values.put("checksum", Integer.toUnsignedLong(LittleEndian.getInt(block, 12)));
        values.put("features", 0L);
        values.put("flags", 1L);
        values.put("epoch", cut.epoch());
        values.put("base id", cut.baseId());
        values.put("file length", cut.fileLength());
        values.put("record limit", (long) cut.recordLimit());
        values.put("predecessor kind", 2L);
        values.put("log id, high", LOG.getMostSignificantBits());
        values.put("log id, low", LOG.getLeastSignificantBits());
        values.put("salt", SALT);
        values.put("trim point", cut.trimPoint());
        values.put("predecessor epoch", 0x1071727374757677L);
        values.put("predecessor end", 0x8081828384858687L);
        values.put("predecessor crc", 0x90919293L);
        assertEncoded("Header", block, block.length, values);

        byte[] zeroed = block.clone();
        LittleEndian.putInt(zeroed, 12, 0);
        assertThat(checksum.plain(zeroed, 0, zeroed.length)).isEqualTo(LittleEndian.getInt(block, 12));
    }

    @Test
    void predecessorIsEncodedAsTheTableSays() {
        Map<String, Field> fields = doc.fields("Header");
        Map<Predecessor, Long> kinds =
                Map.of(new Predecessor.None(), 0L, new Predecessor.Sealed(5, 6), 1L, new Predecessor.Cut(5, 6, 7), 2L);
        kinds.forEach((predecessor, kind) -> {
            byte[] block = new SegmentHeader(9, 1, 8192, 1, false, LOG, SALT, 0, predecessor).encode(checksum);
            assertThat(fields.get("predecessor kind").get(block, 0)).isEqualTo(kind);
            assertThat(fields.get("predecessor epoch").get(block, 0)).isEqualTo(kind == 0 ? 0 : 5);
            assertThat(fields.get("predecessor end").get(block, 0)).isEqualTo(kind == 0 ? 0 : 6);
            assertThat(fields.get("predecessor crc").get(block, 0)).isEqualTo(kind == 2 ? 7 : 0);
            assertThat(fields.get("flags").get(block, 0)).isZero();
        });
    }

    @Test
    void groupHeaderIsEncodedAsTheTableSays() {
        byte[] bytes = new byte[40];
        GroupHeader.encode(
                LittleEndian.buffer(bytes),
                0,
                GroupKind.TRIM,
                0x51525354,
                0x61626364,
                0x2021222324252627L,
                new Declaration(0x3031323334353637L, 0x4041424344454647L),
                checksum,
                SALT,
                8192);
        Map<String, Long> values = new LinkedHashMap<>();
        values.put("checksum", masked(bytes, 4, 36, 8192));
        values.put("kind", new Field(0, 4).get("trim".getBytes(StandardCharsets.US_ASCII), 0));
        values.put("body bytes", 0x51525354L);
        values.put("count", 0x61626364L);
        values.put("first id", 0x2021222324252627L);
        values.put("durable id", 0x3031323334353637L);
        values.put("trim point", 0x4041424344454647L);
        assertEncoded("Group header", bytes, Layout.GROUP_HEADER_BYTES, values);
    }

    @Test
    void kindsAreThoseOfTheCode() {
        Map<String, String> code = new LinkedHashMap<>();
        for (GroupKind kind : GroupKind.values()) {
            byte[] four = new byte[4];
            LittleEndian.putInt(four, 0, kind.code);
            code.put(new String(four, StandardCharsets.US_ASCII), kind.name());
        }
        assertThat(doc.map("Kinds of groups", "code", "name")).isEqualTo(code);
    }

    @Test
    void frameIsEncodedAsTheTableSays() {
        GroupBuffer group = new GroupBuffer();
        group.clear(1);
        group.add(new byte[] {7, 8, 9}, 0, 3);
        group.seal(checksum, SALT, 8192, new Declaration(0, 0));
        byte[] frame = Arrays.copyOfRange(group.bytes(), 40, 51);
        Map<String, Long> values = new LinkedHashMap<>();
        values.put("checksum", masked(frame, 4, 7, 8192 + 40));
        values.put("length", 0x80000003L);
        assertEncoded("Frame", frame, Layout.FRAME_HEADER_BYTES, values);
        assertThat(Arrays.copyOfRange(frame, 8, 11)).containsExactly(7, 8, 9);
    }

    @Test
    void footerIsEncodedAsTheTablesSay() {
        SegmentHeader segment =
                new SegmentHeader(9, 0x2021222324252627L, 1 << 20, 1, false, LOG, SALT, 0, new Predecessor.None());
        int[] index = {0x71727374, 0x75767778, 0x797a7b7c};
        byte[] bytes = new Footer(
                        0x3031323334353637L,
                        0x4041424344454647L,
                        0x5051525354555657L,
                        0x6061626364656667L,
                        index,
                        0x3031323334353636L)
                .encode(segment, checksum, index, 1);
        long offset = Layout.footerOffset(segment.fileLength());
        Map<String, Field> group = doc.fields("Group header");
        assertThat(group.get("count").get(bytes, 0)).isOne();
        assertThat(group.get("body bytes").get(bytes, 0)).isEqualTo(32 + 12);
        assertThat(group.get("first id").get(bytes, 0)).isEqualTo(0x3031323334353637L);
        assertThat(group.get("durable id").get(bytes, 0)).isEqualTo(0x3031323334353636L);
        assertThat(group.get("trim point").get(bytes, 0)).isEqualTo(0x6061626364656667L);
        assertThat(group.get("checksum").get(bytes, 0)).isEqualTo(masked(bytes, 4, 36, offset));

        byte[] body = Arrays.copyOfRange(bytes, 40, bytes.length);
        Map<String, Long> values = new LinkedHashMap<>();
        values.put("checksum", masked(body, 4, body.length - 4, offset + 40));
        values.put("zero", 0L);
        values.put("base id", segment.baseId());
        values.put("end", 0x4041424344454647L);
        values.put("successor epoch", 0x5051525354555657L);
        Map<String, Field> fields = doc.fields("Footer body");
        Field entries = fields.remove("entries");
        assertThat(entries).isEqualTo(new Field(Layout.FOOTER_FIXED_BYTES, Layout.INDEX_ENTRY_BYTES));
        assertEncoded(fields, body, Layout.FOOTER_FIXED_BYTES, values);

        Map<String, Long> entry = new LinkedHashMap<>();
        entry.put("id", 0x71727374L);
        entry.put("group", 0x75767778L);
        entry.put("frame", 0x797a7b7cL);
        assertEncoded("Index entry", Arrays.copyOfRange(body, 32, 44), Layout.INDEX_ENTRY_BYTES, entry);
    }

    private long masked(byte[] bytes, int from, int length, long offset) {
        return Integer.toUnsignedLong(checksum.plain(bytes, from, length)) ^ spec.mask(SALT, offset);
    }

    private void assertEncoded(String table, byte[] bytes, int size, Map<String, Long> values) {
        assertEncoded(doc.fields(table), bytes, size, values);
    }

    /** Checks that the fields have these values in this order, and that every byte outside the fields is zero. */
    private static void assertEncoded(Map<String, Field> fields, byte[] bytes, int size, Map<String, Long> values) {
        assertThat(List.copyOf(fields.keySet())).isEqualTo(List.copyOf(values.keySet()));
        BitSet named = new BitSet();
        fields.forEach((name, field) -> {
            assertThat(named.get(field.offset())).as(name + " overlaps").isFalse();
            named.set(field.offset(), field.offset() + field.size());
            assertThat(field.get(bytes, 0)).as(name).isEqualTo(values.get(name));
        });
        for (int at = 0; at < size; at++) {
            assertThat(named.get(at) || bytes[at] == 0).as("byte %d", at).isTrue();
        }
        assertThat(named.length()).isLessThanOrEqualTo(size);
    }

    @Test
    void masksAreThoseOfTheCode() {
        for (Map<String, String> row : doc.table("Test vectors")) {
            long salt = FormatDoc.number(row.get("salt"));
            long offset = FormatDoc.number(row.get("offset"));
            assertThat(FormatDoc.number(row.get("mask")))
                    .as("mask(%x, %d)", salt, offset)
                    .isEqualTo(Integer.toUnsignedLong(Checksum.mask(salt, offset)))
                    .isEqualTo(spec.mask(salt, offset));
        }
    }

    @Test
    void hexdumpMatchesTheWrittenBytes() throws IOException {
        assertThat(doc.block("Hexdump")).isEqualTo(hexdump(example()));
    }

    @Test
    void everyByteOfTheHexdumpIsExplained() throws IOException {
        byte[] example = example();
        BitSet explained = new BitSet();
        for (Map<String, String> row : doc.table("Byte by byte")) {
            int at = (int) FormatDoc.number(row.get("at"));
            byte[] bytes = HexFormat.of().parseHex(row.get("bytes").replace(" ", ""));
            assertThat(Arrays.copyOfRange(example, at, at + bytes.length))
                    .as(row.get("at") + " " + row.get("what"))
                    .isEqualTo(bytes);
            explained.set(at, at + bytes.length);
        }
        for (int at = 0; at < example.length; at++) {
            assertThat(explained.get(at) || example[at] == 0)
                    .as("byte 0x%04x", at)
                    .isTrue();
        }
    }

    private static byte[] example() throws IOException {
        return GoldenLog.WORKED_EXAMPLE.files().get("00000001-0000000000000001.seg");
    }

    /** Returns the bytes in the format of {@code hexdump -C}, without lines of zeros. */
    private static String hexdump(byte[] bytes) {
        StringBuilder text = new StringBuilder();
        boolean skipping = false;
        for (int at = 0; at < bytes.length; at += 16) {
            byte[] line = Arrays.copyOfRange(bytes, at, at + 16);
            boolean zeros = Arrays.equals(line, new byte[16]);
            if (!zeros) {
                String hex = HexFormat.ofDelimiter(" ").formatHex(line);
                String ascii = new String(line, StandardCharsets.ISO_8859_1).replaceAll("[^ -~]", ".");
                text.append(String.format("%04x  %s  %s  |%s|%n", at, hex.substring(0, 23), hex.substring(24), ascii));
            } else if (!skipping) {
                text.append("*\n");
            }
            skipping = zeros;
        }
        return text.append(String.format("%04x%n", bytes.length)).toString();
    }

    @Test
    void overheadOfRecordsMatches() {
        for (Map<String, String> row : doc.table("Overhead of records")) {
            int records = (int) FormatDoc.number(row.get("records in a group"));
            int data = (int) FormatDoc.number(row.get("bytes of data each"));
            GroupBuffer group = new GroupBuffer();
            group.clear(1);
            for (int i = 0; i < records; i++) {
                group.reserve(Frame.bytes(data));
                group.add(new byte[data], 0, data);
            }
            double each = (double) group.alignedLength() / records;
            int end = group.alignedLength();
            int padded = end % 4096 == 0 ? end : (end + 40 + 4095) / 4096 * 4096;
            assertThat(row)
                    .containsEntry("bytes on disk each", number(each))
                    .containsEntry("overhead", percent(each / data - 1))
                    .containsEntry("bytes on disk each, padded to 4096", number((double) padded / records));
        }
    }

    @Test
    void overheadOfSegmentsMatches() {
        for (Map<String, String> row : doc.table("Overhead of segments")) {
            long length = FormatDoc.number(row.get("length"));
            long rest = length - (Layout.recordsEnd(length) - Layout.HEADER_BYTES);
            assertThat(row).containsEntry("bytes", "" + rest).containsEntry("share", percent((double) rest / length));
        }
    }

    private static String number(double value) {
        return value == Math.rint(value) ? "" + (long) value : String.format(Locale.ROOT, "%.1f", value);
    }

    private static String percent(double share) {
        double percent = 100 * share;
        return String.format(Locale.ROOT, percent < 1 ? "%.2f%%" : "%.1f%%", percent);
    }

    @Test
    void everyTableAndBlockIsReadByATest() {
        // A new table or block needs a test, or an entry here with the reason why no test can check it.
        List<String> checked = List.of(
                "Regions",
                "Constants",
                "Header",
                "Group header",
                "Kinds of groups",
                "Frame",
                "Test vectors",
                "Footer body",
                "Index entry",
                "Byte by byte",
                "Overhead of records",
                "Overhead of segments");
        List<String> words = List.of("The directory", "Segments", "Versions");
        assertThat(doc.headingsOfTables().stream()
                        .filter(heading -> !words.contains(heading))
                        .collect(Collectors.toList()))
                .containsExactlyInAnyOrderElementsOf(checked);
    }
}
