package dev.holdfast.wal.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class VerdictTest {
    @Test
    void nothingAfterTheBrokenPlaceMeansATornTail() {
        assertThat(Verdict.of(0, -1)).isEqualTo(Verdict.TORN);
        assertThat(Verdict.of(101, -1)).isEqualTo(Verdict.TORN);
    }

    @Test
    void laterGroupWithALowerDurableIdProvesNothing() {
        assertThat(Verdict.of(101, 100)).isEqualTo(Verdict.TORN);
        assertThat(Verdict.of(Long.MAX_VALUE, Long.MAX_VALUE - 1)).isEqualTo(Verdict.TORN);
    }

    @Test
    void laterGroupWithTheRecordsDurableIdProvesDamage() {
        assertThat(Verdict.of(101, 101)).isEqualTo(Verdict.CORRUPT);
        assertThat(Verdict.of(101, 5000)).isEqualTo(Verdict.CORRUPT);
        assertThat(Verdict.of(0, 0)).isEqualTo(Verdict.CORRUPT);
    }
}
