package dev.holdfast.wal.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ChecksumTest {
    private final Checksum checksum = new Checksum();

    @Test
    void testVectorsOfRfc3720Match() {
        byte[] rising = new byte[32];
        byte[] falling = new byte[32];
        byte[] ones = new byte[32];
        for (int i = 0; i < 32; i++) {
            rising[i] = (byte) i;
            falling[i] = (byte) (31 - i);
            ones[i] = (byte) 0xff;
        }
        // RFC 3720, B.4, prints the bytes in the order of transmission. Here they are little-endian numbers.
        assertThat(checksum.plain(new byte[32], 0, 32)).isEqualTo(0x8a9136aa);
        assertThat(checksum.plain(ones, 0, 32)).isEqualTo(0x62a8ab43);
        assertThat(checksum.plain(rising, 0, 32)).isEqualTo(0x46dd794e);
        assertThat(checksum.plain(falling, 0, 32)).isEqualTo(0x113fdb5c);
        assertThat(checksum.plain(iscsiReadCommand(), 0, 48)).isEqualTo(0xd9963a56);
    }

    private static byte[] iscsiReadCommand() {
        byte[] command = new byte[48];
        command[0] = 0x01;
        command[1] = (byte) 0xc0;
        command[16] = 0x14;
        command[22] = 0x04;
        command[27] = 0x14;
        command[31] = 0x18;
        command[32] = 0x28;
        command[40] = 0x02;
        return command;
    }

    @Test
    void checkValueOfTheCrcCatalogueMatches() {
        byte[] digits = "123456789".getBytes(StandardCharsets.US_ASCII);
        assertThat(checksum.plain(digits, 0, digits.length)).isEqualTo(0xe3069283);
        assertThat(checksum.plain(digits, 0, 0)).isZero();
    }

    @Test
    void arrayAndBufferGiveTheSameChecksum() {
        byte[] bytes = "xxa record and what follows".getBytes(StandardCharsets.US_ASCII);
        ByteBuffer direct = ByteBuffer.allocateDirect(bytes.length).put(bytes);
        int expected = checksum.of(ByteBuffer.wrap(bytes), 2, 8, 77, 4096);
        assertThat(checksum.of(direct, 2, 8, 77, 4096)).isEqualTo(expected);
        assertThat(expected).isEqualTo(checksum.plain(bytes, 2, 8) ^ Checksum.mask(77, 4096));
    }

    @Test
    void maskAtOffsetZeroIsTheFoldedFinaliserOfTheSalt() {
        // The first outputs of SplitMix64 with seed 0 (Vigna's splitmix64.c). Its state after one step is the gamma.
        assertThat(Checksum.mask(0, 1)).isEqualTo(fold(0xe220a8397b1dcdafL));
        assertThat(Checksum.mask(0, 2)).isEqualTo(fold(0x6e789e6aa1b965f4L));
        assertThat(Checksum.mask(0, 3)).isEqualTo(fold(0x06c45d188009454fL));
        assertThat(Checksum.mask(0, 0)).isZero();
    }

    private static int fold(long z) {
        return (int) (z ^ (z >>> 32));
    }

    @Test
    void checksumDependsOnOffsetAndSalt() {
        Set<Integer> sums = new HashSet<>();
        byte[] bytes = new byte[40];
        for (long salt = 1; salt <= 4; salt++) {
            for (long offset = 4096; offset < 8192; offset += 8) {
                sums.add(checksum.of(ByteBuffer.wrap(bytes), 0, bytes.length, salt, offset));
            }
        }
        assertThat(sums).hasSize(4 * 512);
    }

    @Test
    void zerosDoNotMatchTheChecksumOfZeros() {
        // Space that was never written must not be taken for a group or a frame, under any salt.
        for (long salt = 1; salt < 1000; salt++) {
            assertThat(checksum.of(ByteBuffer.allocate(36), 0, 36, salt, 4096)).isNotZero();
        }
    }
}
