package dev.holdfast.wal.format;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class KeptNameTest {
    private static final String SEGMENT = "00000007-0000000000000401.seg";

    @Test
    void keptFilesAreNamedAfterTheirSegment() {
        assertThat(KeptName.torn(SEGMENT)).isEqualTo(SEGMENT + ".torn");
        assertThat(KeptName.damaged(SEGMENT, 1)).isEqualTo(SEGMENT + ".damaged");
        assertThat(KeptName.damaged(SEGMENT, 2)).isEqualTo(SEGMENT + ".damaged-2");
        assertThat(KeptName.isTorn(KeptName.torn(SEGMENT))).isTrue();
        assertThat(KeptName.isTorn(KeptName.damaged(SEGMENT, 1))).isFalse();
        assertThat(new String[] {KeptName.torn(SEGMENT), KeptName.damaged(SEGMENT, 1), KeptName.damaged(SEGMENT, 12)})
                .allMatch(KeptName::matches);
        assertThat(new String[] {SEGMENT, "notes.torn", SEGMENT + ".torn-2", SEGMENT + ".bak"})
                .noneMatch(KeptName::matches);
    }
}
