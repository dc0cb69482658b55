package dev.holdfast.wal.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.wal.format.Predecessor;
import dev.holdfast.wal.format.SegmentHeader;
import dev.holdfast.wal.ids.TruncationHistory;
import dev.holdfast.wal.segment.Segment;
import dev.holdfast.wal.segment.SegmentIndex;
import dev.holdfast.wal.storage.HeapStorage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class CatalogTest {
    private final Segment first = segment(1, 10, false);
    private final Segment second = segment(2, 20, false);
    private final Segment third = segment(3, 30, false);

    private static Segment segment(long epoch, long baseId, boolean pinned) {
        SegmentHeader header = new SegmentHeader(
                epoch, baseId, 8192 * epoch, 100, pinned, new UUID(1, 2), 5, -1, new Predecessor.None());
        return new Segment(new HeapStorage(), header, new SegmentIndex());
    }

    private Catalog catalog(long firstId, long lastId) {
        return new Catalog(List.of(first, second, third), firstId, lastId, 5000, TruncationHistory.NONE.and(7));
    }

    @Test
    void recordIsInTheLastSegmentWhoseBaseIdIsNotGreater() {
        Catalog catalog = catalog(10, 35);
        assertThat(catalog.find(10)).isSameAs(first);
        assertThat(catalog.find(19)).isSameAs(first);
        assertThat(catalog.find(20)).isSameAs(second);
        assertThat(catalog.find(29)).isSameAs(second);
        assertThat(catalog.find(30)).isSameAs(third);
        assertThat(catalog.find(36)).isSameAs(third);
    }

    @Test
    void segmentIsFoundAmongAnyNumber() {
        List<Segment> two = List.of(first, second);
        Catalog catalog = new Catalog(two, 10, 25, 5000, TruncationHistory.NONE);
        assertThat(catalog.find(19)).isSameAs(first);
        assertThat(catalog.find(20)).isSameAs(second);
        assertThat(new Catalog(List.of(third), 30, 29, 4096, TruncationHistory.NONE).find(30))
                .isSameAs(third);
    }

    @Test
    void onlyTheTailHasALimitBelowItsLength() {
        Catalog catalog = catalog(10, 35);
        assertThat(catalog.tail()).isSameAs(third);
        assertThat(catalog.segments()).containsExactly(first, second, third);
        assertThat(catalog.limit(first)).isEqualTo(8192);
        assertThat(catalog.limit(second)).isEqualTo(16384);
        assertThat(catalog.limit(third)).isEqualTo(5000);
        catalog.advance(36, 6000);
        assertThat(catalog.limit(third)).isEqualTo(6000);
        assertThat(catalog.lastId()).isEqualTo(36);
        assertThat(catalog.nextId()).isEqualTo(37);
        assertThat(catalog.firstId()).isEqualTo(10);
    }

    @Test
    void logOfOneRecordIsNotEmpty() {
        assertThat(catalog(30, 30).isEmpty()).isFalse();
        assertThat(catalog(30, 29).isEmpty()).isTrue();
    }

    @Test
    void pinEndsWithTheFirstRecord() {
        List<Segment> pinned = List.of(segment(4, 30, true));
        Catalog catalog = new Catalog(pinned, 30, 29, 4096, TruncationHistory.NONE);
        assertThat(catalog.isPinned()).isTrue();
        catalog.advance(30, 6000);
        assertThat(catalog.isPinned()).isFalse();
        assertThat(new Catalog(pinned, 31, 30, 6000, TruncationHistory.NONE).isPinned())
                .isFalse();
        assertThat(catalog(30, 29).isPinned()).isFalse();
    }

    @Test
    void catalogHasTheHistoryOfTruncations() {
        assertThat(catalog(10, 35).history().count()).isOne();
    }

    @Test
    void lastIdOfASegmentPrecedesTheNextBaseId() {
        Catalog catalog = catalog(10, 35);
        assertThat(catalog.lastIdIn(first)).isEqualTo(19);
        assertThat(catalog.lastIdIn(second)).isEqualTo(29);
        assertThat(catalog.lastIdIn(third)).isEqualTo(35);
    }

    /** Returns how many of five kept files stay open if a catalog with some of their segments replaces one with all. */
    private static int filesLeftOpen(int from, int to) throws IOException {
        HeapStorage storage = new HeapStorage();
        List<Segment> all = new ArrayList<>();
        for (int i = 1; i <= 5; i++) {
            SegmentHeader header =
                    new SegmentHeader(i, 10 * i, 8192, 100, false, new UUID(1, 2), 5, -1, new Predecessor.None());
            storage.put(header.name().fileName(), new byte[8192]);
            Segment segment = new Segment(storage, header, new SegmentIndex());
            segment.acquire();
            segment.keepOpen(() -> {});
            segment.release();
            all.add(segment);
        }
        List<Segment> left = new ArrayList<>(all.subList(from, to));
        left.add(segment(6, 60, false));
        Catalog before = new Catalog(all, 10, 59, 5000, TruncationHistory.NONE);
        before.leave(new Catalog(left, 10, 59, 5000, TruncationHistory.NONE));
        return storage.openFiles();
    }

    @Test
    void filesOfSegmentsThatTheNextCatalogLacksAreClosed() throws IOException {
        for (int from = 0; from <= 5; from++) {
            for (int to = from; to <= 5; to++) {
                assertThat(filesLeftOpen(from, to))
                        .as("segments %s to %s", from, to)
                        .isEqualTo(to - from);
            }
        }
    }
}
