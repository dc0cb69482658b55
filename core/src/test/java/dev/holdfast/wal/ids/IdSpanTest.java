package dev.holdfast.wal.ids;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class IdSpanTest {
    private final IdSpan span = new IdSpan(1, 11);

    @Test
    void newSpanIsEmptyAndItsNextIdIsOne() {
        assertThat(new IdSpan().isEmpty()).isTrue();
        assertThat(new IdSpan().next()).isEqualTo(1);
        assertTakesAnyId(new IdSpan());
    }

    @Test
    void spanOfImpossibleIdsIsRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> new IdSpan(-1, 5));
        assertThatIllegalArgumentException().isThrownBy(() -> new IdSpan(6, 5));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new IdSpan(4, 5).pin())
                .withMessage("no log can hold the ids from 4 up to but not including 5, pinned");
    }

    @Test
    void firstAndLastIdAreEmptyWithoutRecords() {
        assertThat(span.firstId()).hasValue(1);
        assertThat(span.lastId()).hasValue(10);
        assertThat(new IdSpan().firstId()).isEqualTo(OptionalLong.empty());
        assertThat(new IdSpan().lastId()).isEqualTo(OptionalLong.empty());
    }

    @Test
    void copyIsIndependent() {
        IdSpan copy = span.copy();
        copy.append(11, 1);
        assertIds(span, 1, 11);
        assertIds(copy, 1, 12);
    }

    @Test
    void setTakesTheWholeState() {
        span.set(50, 50);
        span.pin();
        assertIds(span, 50, 50);
        assertTakesOnly(span, 50);
    }

    @Test
    void explicitAppendMustFollowTheLastRecord() {
        assertTakesOnly(span, 11);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> span.checkAppend(OptionalLong.of(12), 1))
                .withMessage("record id must be 11, the id after the last record, was 12");
    }

    @Test
    void checkChangesNothing() {
        span.checkAppend(OptionalLong.of(11), 5);
        assertThat(span.checkAppend(OptionalLong.empty(), 5)).isEqualTo(11);
        assertIds(span, 1, 11);
    }

    @Test
    void appendMovesTheNextId() {
        span.append(11, 3);
        assertIds(span, 1, 14);
    }

    @Test
    void firstAppendToAnEmptySpanMayStartElsewhere() {
        IdSpan empty = new IdSpan();
        assertThat(empty.startsElsewhere(1)).isFalse();
        assertThat(empty.startsElsewhere(0)).isTrue();
        assertThat(empty.startsElsewhere(70)).isTrue();
        empty.append(70, 2);
        assertIds(empty, 70, 72);
        assertThat(empty.startsElsewhere(72)).isFalse();
    }

    @Test
    void negativeIdIsRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> new IdSpan().checkAppend(OptionalLong.of(-1), 1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new IdSpan().checkAppend(OptionalLong.of(Long.MIN_VALUE), 1));
        assertThatIllegalArgumentException().isThrownBy(() -> IdSpan.checkReadableId(-1));
        assertThatCode(() -> IdSpan.checkReadableId(0)).doesNotThrowAnyException();
        assertThatCode(() -> IdSpan.checkReadableId(Long.MAX_VALUE)).doesNotThrowAnyException();
    }

    @Test
    void idsEndBeforeTheLargestLong() {
        IdSpan empty = new IdSpan();
        empty.checkAppend(OptionalLong.of(IdSpan.MAX_ID), 1);
        assertThatIllegalArgumentException().isThrownBy(() -> empty.checkAppend(OptionalLong.of(Long.MAX_VALUE), 1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> empty.checkAppend(OptionalLong.of(IdSpan.MAX_ID), 2))
                .withMessage("record ids must be <= 9223372036854775806: from id 9223372036854775806 on"
                        + " there is room for 1 records, not for 2");
        empty.append(IdSpan.MAX_ID, 1);
        assertIds(empty, IdSpan.MAX_ID, Long.MAX_VALUE);
        assertThatIllegalArgumentException().isThrownBy(() -> empty.checkAppend(OptionalLong.empty(), 1));
        assertThatIllegalArgumentException().isThrownBy(() -> empty.checkAppend(OptionalLong.of(Long.MAX_VALUE), 1));
    }

    @Test
    void assignedIdsEndBeforeTheLargestLong() {
        IdSpan nearlyFull = new IdSpan(5, IdSpan.MAX_ID - 1);
        assertThat(nearlyFull.checkAppend(OptionalLong.empty(), 2)).isEqualTo(IdSpan.MAX_ID - 1);
        assertThatIllegalArgumentException().isThrownBy(() -> nearlyFull.checkAppend(OptionalLong.empty(), 3));
    }

    @Test
    void truncateRemovesTheGreaterIds() {
        assertThat(span.truncate(5)).isTrue();
        assertIds(span, 1, 6);
        assertTakesOnly(span, 6);
    }

    @Test
    void truncateBelowTheFirstIdLeavesNoneAndTheFirstIdIsNext() {
        for (long lastToKeep = -1; lastToKeep < 4; lastToKeep++) {
            IdSpan from4 = new IdSpan(4, 11);
            assertThat(from4.truncate(lastToKeep)).isTrue();
            assertIds(from4, 4, 4);
            assertTakesAnyId(from4);
        }
    }

    @Test
    void truncateAtOrAboveTheLastIdDoesNothing() {
        assertThat(span.truncate(10)).isFalse();
        assertThat(span.truncate(Long.MAX_VALUE)).isFalse();
        assertIds(span, 1, 11);
        assertThat(new IdSpan().truncate(-1)).isFalse();
    }

    @Test
    void trimRemovesTheOldestIds() {
        assertThat(span.trim(4)).isTrue();
        assertIds(span, 5, 11);
        assertTakesOnly(span, 11);
    }

    @Test
    void trimOfAllNeverMovesTheNextId() {
        for (long discardUpTo : new long[] {10, 11, 100, Long.MAX_VALUE}) {
            IdSpan trimmed = new IdSpan(1, 11);
            assertThat(trimmed.trim(discardUpTo)).isTrue();
            assertIds(trimmed, 11, 11);
            assertTakesAnyId(trimmed);
        }
    }

    @Test
    void trimBelowTheFirstIdDoesNothing() {
        assertThat(span.trim(0)).isFalse();
        assertThat(span.trim(-1)).isFalse();
        assertIds(span, 1, 11);
        assertThat(new IdSpan().trim(100)).isFalse();
    }

    @Test
    void resetPinsTheNextId() {
        span.reset(50);
        assertIds(span, 50, 50);
        assertThat(span.pinned()).isTrue();
        assertTakesOnly(span, 50);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> span.checkAppend(OptionalLong.of(51), 1))
                .withMessage("record id must be 50, to which the log was reset, was 51");
    }

    @Test
    void truncateAndTrimLeaveAPinnedIdPinned() {
        span.reset(50);
        assertThat(span.truncate(-1)).isFalse();
        assertThat(span.trim(100)).isFalse();
        assertIds(span, 50, 50);
        assertTakesOnly(span, 50);
    }

    @Test
    void firstAppendAfterResetUnpins() {
        span.reset(50);
        span.append(50, 2);
        assertThat(span.pinned()).isFalse();
        span.truncate(-1);
        assertIds(span, 50, 50);
        assertTakesAnyId(span);
    }

    @Test
    void limitsOutOfRangeAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> span.truncate(-2))
                .withMessage("last id to keep must be >= -1, was -2");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> span.trim(-2))
                .withMessage("id to discard up to must be >= -1, was -2");
        assertThatIllegalArgumentException().isThrownBy(() -> new IdSpan().trim(Long.MIN_VALUE));
        assertThatIllegalArgumentException().isThrownBy(() -> new IdSpan().truncate(Long.MIN_VALUE));
        assertThatIllegalArgumentException().isThrownBy(() -> span.reset(-1));
        assertThatIllegalArgumentException().isThrownBy(() -> span.reset(Long.MAX_VALUE));
        assertIds(span, 1, 11);
    }

    private static void assertIds(IdSpan span, long first, long next) {
        assertThat(span.first()).isEqualTo(first);
        assertThat(span.next()).isEqualTo(next);
        assertThat(span.isEmpty()).isEqualTo(first == next);
    }

    private static void assertTakesAnyId(IdSpan span) {
        assertThat(span.isEmpty()).isTrue();
        for (long id : new long[] {0, span.next(), span.next() + 1, IdSpan.MAX_ID}) {
            assertThatCode(() -> span.checkAppend(OptionalLong.of(id), 1)).doesNotThrowAnyException();
        }
    }

    private static void assertTakesOnly(IdSpan span, long next) {
        assertThatCode(() -> span.checkAppend(OptionalLong.of(next), 3)).doesNotThrowAnyException();
        for (long id : new long[] {0, next - 1, next + 1, IdSpan.MAX_ID}) {
            assertThatIllegalArgumentException().isThrownBy(() -> span.checkAppend(OptionalLong.of(id), 1));
        }
    }
}
