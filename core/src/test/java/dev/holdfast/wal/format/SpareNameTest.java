package dev.holdfast.wal.format;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SpareNameTest {
    private static final String SEGMENT = "00000007-0000000000000401.seg";

    @Test
    void nameOfASpareIsParsedBack() {
        for (long number : new long[] {1, 0xabcdef, 0x100000000L, SpareName.MAX_NUMBER}) {
            for (boolean finished : new boolean[] {true, false}) {
                SpareName name = new SpareName(number, finished);
                assertThat(SpareName.parse(name.fileName())).contains(name);
            }
        }
        assertThat(new SpareName(10, true).fileName()).isEqualTo("spare-0000000a.tmp");
        assertThat(new SpareName(10, false).fileName()).isEqualTo("spare-0000000a.new.tmp");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "spare-9.tmp",
                "spare-0000000A.tmp",
                "spare-0000000a.tmp.bak",
                "spare-1000000000000000.tmp",
                "notes.tmp",
                SEGMENT
            })
    void otherNamesAreNoSpares(String name) {
        assertThat(SpareName.parse(name)).isEmpty();
    }
}
