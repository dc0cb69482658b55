package dev.holdfast.wal.format;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SegmentNameTest {
    @Test
    void nameIsEpochAndBaseIdInHexadecimal() {
        assertThat(new SegmentName(7, 1025).fileName()).isEqualTo("00000007-0000000000000401.seg");
        assertThat(new SegmentName(0xabcdef, 0).fileName()).isEqualTo("00abcdef-0000000000000000.seg");
    }

    @Test
    void epochBeyondEightDigitsTakesMore() {
        assertThat(new SegmentName(0x100000000L, 1).fileName()).isEqualTo("100000000-0000000000000001.seg");
        assertThat(new SegmentName(Long.MAX_VALUE, Long.MAX_VALUE).fileName())
                .isEqualTo("7fffffffffffffff-7fffffffffffffff.seg");
    }

    @Test
    void nameIsReadBack() {
        for (long epoch : new long[] {1, 9, 0xffffffffL, 0x100000000L, Long.MAX_VALUE}) {
            for (long baseId : new long[] {0, 1, 0xdeadbeefL, Long.MAX_VALUE}) {
                SegmentName name = new SegmentName(epoch, baseId);
                assertThat(SegmentName.parse(name.fileName())).contains(name);
            }
        }
    }

    @Test
    void namesSortByEpochUpToEightDigits() {
        assertThat(new SegmentName(0x10, 5).fileName()).isGreaterThan(new SegmentName(0xf, 900).fileName());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "00000007-0000000000000401.seg.bak",
                "00000007-0000000000000401.seg ",
                " 00000007-0000000000000401.seg",
                "00000007-0000000000000401.seg\n",
                "00000007-0000000000000401.SEG",
                "0000000A-0000000000000401.seg",
                "0000000a-000000000000040F.seg",
                "0000007-0000000000000401.seg",
                "000000007-0000000000000401.seg",
                "00000007-000000000000401.seg",
                "00000007-00000000000000401.seg",
                "00000007_0000000000000401.seg",
                "00000007-0000000000000401",
                "0000000g-0000000000000401.seg",
                "0x000007-0000000000000401.seg",
                "+0000007-0000000000000401.seg",
                "-0000007-0000000000000401.seg",
                "00000000-0000000000000401.seg",
                "ffffffffffffffff-0000000000000401.seg",
                "8000000000000000-0000000000000401.seg",
                "00000007-8000000000000000.seg",
                "00000007-ffffffffffffffff.seg",
                "10000000000000007-0000000000000401.seg",
                "００００００07-0000000000000401.seg",
            })
    void otherNamesAreRejected(String name) {
        assertThat(SegmentName.parse(name)).isEmpty();
    }
}
