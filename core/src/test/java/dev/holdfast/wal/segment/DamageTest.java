package dev.holdfast.wal.segment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.wal.CorruptLogException;
import org.junit.jupiter.api.Test;

class DamageTest {
    private static final String DROP_5 = "run `holdfast repair <dir> --drop-from 5`"
            + " to see the cost of giving up record 5 and all later records.";

    @Test
    void messageNamesPlaceMeaningRecordsAndRemedy() {
        CorruptLogException damage = Damage.at("a.seg", 7, "no group begins here")
                .means("The file is old;")
                .records(5, 9, "may be lost.")
                .restoreOrDrop();
        assertThat(damage)
                .hasMessage("a.seg at byte 7: no group begins here. The file is old; records 5 to 9 may be lost."
                        + " Restore the log from a copy, or " + DROP_5);
        assertThat(damage.file()).isEqualTo("a.seg");
        assertThat(damage.offset()).isEqualTo(7);
        assertThat(damage.firstIdAtRisk()).isEqualTo(5);
        assertThat(damage.lastIdAtRisk()).isEqualTo(9);
    }

    @Test
    void oneRecordIsNamedAlone() {
        assertThat(Damage.at("a.seg", 7, "found").records(5, 5, "is lost.").remedy("Stop."))
                .hasMessage("a.seg at byte 7: found. Record 5 is lost. Stop.");
    }

    @Test
    void allRecordsFromAnIdOnMayBeAtRisk() {
        CorruptLogException damage =
                Damage.at("a.seg", 0, "found").recordsFrom(5, "may be lost.").remedyOrDrop("Remove it.");
        assertThat(damage)
                .hasMessage("a.seg at byte 0: found. Records from 5 on may be lost. Remove it. Otherwise " + DROP_5);
        assertThat(damage.lastIdAtRisk()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void firstIdToDropMayDifferFromTheFirstAtRisk() {
        CorruptLogException damage = Damage.at("a.seg", 7, "found").atRisk(2, 4).restoreOrDrop(5);
        assertThat(damage).hasMessage("a.seg at byte 7: found. Restore the log from a copy, or " + DROP_5);
        assertThat(damage.firstIdAtRisk()).isEqualTo(2);
        assertThat(damage.lastIdAtRisk()).isEqualTo(4);
    }

    @Test
    void missingSegmentIsNamedAfterTheLog() {
        CorruptLogException damage = Damage.missing("/log", "a.seg", "but b.seg follows it")
                .records(5, 9, "may be lost.")
                .restoreOrDrop();
        assertThat(damage)
                .hasMessageStartingWith("/log: the segment a.seg is missing, but b.seg follows it. Records 5 to 9 may");
        assertThat(damage.file()).isEqualTo("a.seg");
        assertThat(damage.offset()).isZero();
    }
}
