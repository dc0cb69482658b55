package dev.holdfast.wal.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class PlacesTest {
    @Test
    void placesMatchAModelOfOneEntryForEachRecord() {
        long seed = Long.getLong("holdfast.seed", new SplittableRandom().nextLong());
        System.out.println("placesMatchAModelOfOneEntryForEachRecord: rerun with -Dholdfast.seed=" + seed);
        SplittableRandom random = new SplittableRandom(seed);
        for (int run = 0; run < 300; run++) {
            new Model(random.split()).run();
        }
    }

    /** The place of each record, and the window of each that is sealed. */
    private static final class Model {
        private final SplittableRandom random;
        private final Places places = new Places();
        private final TreeMap<Long, Long> placeOf = new TreeMap<>();
        private final TreeMap<Long, Long> windowOf = new TreeMap<>(); // of sealed records only
        private long first;
        private long next;
        private long place = 1;
        private long window;
        private long windowStart = 1;

        Model(SplittableRandom random) {
            this.random = random;
            first = random.nextInt(3) == 0 ? random.nextLong(1L << 50) : 1;
            next = first;
        }

        void run() {
            for (int step = 0; step < 200; step++) {
                switch (random.nextInt(9)) {
                    case 0, 1, 2 -> append();
                    case 3, 4 -> move();
                    case 5 -> truncate();
                    case 6 -> trim();
                    case 7 -> seal();
                    default -> place += random.nextInt(3);
                }
                check();
            }
        }

        private void append() {
            int count = 1 + random.nextInt(5);
            places.put(next, place, count);
            for (int i = 0; i < count; i++) {
                placeOf.put(next++, place++);
            }
        }

        private void move() {
            if (windowOf.isEmpty()) return;
            long id = first + random.nextLong(next - first);
            int count = (int) Math.min(1 + random.nextInt(4), next - id);
            for (int i = 0; i < count; i++) {
                if (windowOf.containsKey(id + i)) {
                    places.put(id + i, place, 1);
                    places.putSealed(id + i, 1, window);
                    windowOf.remove(id + i);
                    placeOf.put(id + i, place++);
                }
            }
        }

        private void truncate() {
            next = first + random.nextLong(next - first + 1);
            places.truncate(next);
            placeOf.tailMap(next).clear();
            windowOf.tailMap(next).clear();
        }

        private void trim() {
            first += random.nextLong(Math.min(8, next - first) + 1);
            places.trim(first);
            placeOf.headMap(first).clear();
            windowOf.headMap(first).clear();
        }

        private void seal() {
            long end = windowStart + random.nextLong(place - windowStart + 1);
            places.seal(window, windowStart, end);
            placeOf.forEach((id, at) -> {
                if (at >= windowStart && at < end) windowOf.put(id, window);
            });
            windowStart = end;
            window++;
        }

        private void check() {
            long oldest = window;
            for (long id = Math.max(0, first - 2); id < next + 2; id++) {
                Long at = placeOf.get(id);
                Long sealed = windowOf.get(id);
                long recent = places.recentPlace(id);
                if (at == null) {
                    assertThat(recent).as("place of record %s", id).isEqualTo(Places.NOWHERE);
                } else if (sealed == null) {
                    assertThat(recent).as("place of record %s", id).isEqualTo(at);
                    long shadow = places.window(id);
                    assertThat(shadow == Places.NOWHERE || Places.ordinal(shadow, 0) >= window)
                            .as("window of recent record %s: %s", id, shadow)
                            .isTrue();
                } else {
                    assertThat(recent).as("place of sealed record %s", id).isEqualTo(Places.NOWHERE);
                    assertThat(Places.ordinal(places.window(id), 0))
                            .as("window of record %s", id)
                            .isEqualTo(sealed);
                    oldest = Math.min(oldest, sealed);
                }
            }
            assertThat(places.oldestWindow(first, next, 0, window)).isEqualTo(oldest);
        }
    }
}
