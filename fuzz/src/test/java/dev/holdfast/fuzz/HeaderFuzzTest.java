package dev.holdfast.fuzz;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.holdfast.wal.format.Checksum;
import dev.holdfast.wal.format.Footer;
import dev.holdfast.wal.format.GroupHeader;
import dev.holdfast.wal.format.Layout;
import dev.holdfast.wal.format.SegmentHeader;
import dev.holdfast.wal.format.SegmentName;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.extension.ExtendWith;

/** Fuzzes what is parsed without a surrounding segment: file names, segment headers, group headers and footers. */
@ExtendWith(UnpackCorpus.class)
class HeaderFuzzTest {
    private static final int CHECKSUM_AT = 12;
    private static final SegmentHeader LIKE = Example.CLOSED.header(new SegmentName(1, 1).fileName());

    private final Checksum checksum = new Checksum();

    @FuzzTest(maxDuration = "5m")
    void parsedHeaderEncodesToTheSameBytes(FuzzedDataProvider data) {
        switch (data.consumeByte() & 3) {
            case 0 -> readName(data.consumeRemainingAsString());
            case 1 -> readHeader(summed(LIKE.encode(checksum), data));
            case 2 -> readHeader(Arrays.copyOf(data.consumeRemainingAsBytes(), Layout.HEADER_BYTES));
            default -> readGroupAndFooter(data);
        }
    }

    private static void readName(String name) {
        Optional<SegmentName> read = SegmentName.parse(name);
        read.ifPresent(found -> assertEquals(name, found.fileName()));
    }

    /** Changes some bytes and corrects the checksum. */
    private static byte[] summed(byte[] block, FuzzedDataProvider data) {
        while (data.remainingBytes() > 1) {
            block[(data.consumeByte() & 0xff) % 112] = data.consumeByte();
        }
        ByteBuffer bytes = ByteBuffer.wrap(block).order(ByteOrder.LITTLE_ENDIAN).putInt(CHECKSUM_AT, 0);
        CRC32C crc = new CRC32C();
        crc.update(block);
        bytes.putInt(CHECKSUM_AT, (int) crc.getValue());
        return block;
    }

    private void readHeader(byte[] block) {
        SegmentHeader.Parsed parsed = SegmentHeader.parse(block, checksum);
        if (parsed instanceof SegmentHeader.Parsed.Valid valid) {
            SegmentHeader header = valid.header();
            assertEquals(
                    header,
                    assertInstanceOf(SegmentHeader.Parsed.Valid.class, written(header))
                            .header());
            assertEquals(
                    Optional.of(header.name()), SegmentName.parse(header.name().fileName()));
            assertTrue(Layout.recordsEnd(header.fileLength()) > Layout.HEADER_BYTES);
        }
    }

    private SegmentHeader.Parsed written(SegmentHeader header) {
        return SegmentHeader.parse(header.encode(checksum), checksum);
    }

    private void readGroupAndFooter(FuzzedDataProvider data) {
        byte[] file = new byte[Layout.MIN_SEGMENT_BYTES];
        Forge forge = new Forge(data);
        int kind = data.consumeByte() & 1;
        if (kind == 0) {
            forge.putFooter(file, LIKE);
        }
        int offset = (int) Layout.footerOffset(file.length);
        byte[] bytes = Arrays.copyOfRange(file, offset, file.length);
        if (kind == 1) {
            byte[] raw = data.consumeRemainingAsBytes();
            System.arraycopy(raw, 0, bytes, 0, Math.min(raw.length, bytes.length));
        }
        ByteBuffer direct = ByteBuffer.allocateDirect(bytes.length).order(ByteOrder.LITTLE_ENDIAN);
        direct.put(bytes).clear();
        GroupHeader group = new GroupHeader();
        if (group.read(direct, 0, checksum, LIKE.salt(), offset)) {
            Footer.parse(direct, group, LIKE, checksum).ifPresent(footer -> {
                byte[] again = footer.encode(LIKE, checksum, footer.index(), footer.index().length / 3);
                // Compares everything except fields that the parser does not read (the durable id of the footer's
                // group and the zero) and their checksums.
                assertArrayEquals(
                        Arrays.copyOfRange(again, 48, again.length), Arrays.copyOfRange(bytes, 48, again.length));
            });
        }
    }
}
