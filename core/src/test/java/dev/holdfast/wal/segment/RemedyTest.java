package dev.holdfast.wal.segment;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RemedyTest {
    @Test
    void oneRecordIsNamedAloneAndSeveralByFirstAndLast() {
        assertThat(Remedy.records(5, 5)).isEqualTo("Record 5");
        assertThat(Remedy.records(5, 9)).isEqualTo("Records 5 to 9");
        assertThat(Remedy.recordsInside(5, 5)).isEqualTo("record 5");
        assertThat(Remedy.recordsInside(5, 9)).isEqualTo("records 5 to 9");
    }
}
