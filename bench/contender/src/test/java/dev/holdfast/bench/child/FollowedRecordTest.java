package dev.holdfast.bench.child;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FollowedRecordTest {
    @ParameterizedTest
    @EnumSource(FollowedRecord.Kind.class)
    void recordSurvivesFormattingAndParsing(FollowedRecord.Kind kind) {
        FollowedRecord record = FollowedRecord.calledNow(kind);

        assertThat(FollowedRecord.parse(record.data(1_024).getLong())).isEqualTo(record);
        assertThat(record.data(1_024).remaining()).isEqualTo(1_024);
    }
}
