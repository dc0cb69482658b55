package dev.holdfast.testkit.explorer;

/**
 * Progress of a history, as counts of crashes and of events that may have returned ids. Payloads and salts (random
 * numbers in segment headers) depend only on this progress. Therefore two disks never differ only because of a seed,
 * and a record that reuses an id never has the bytes of the earlier record with that id.
 *
 * @param crashes number of crashes so far
 * @param returns number of events after which ids may be assigned again: an open, a removal or a refused append
 */
record Era(int crashes, int returns) {
    static final Era FIRST = new Era(0, 0);

    Era crashed() {
        return new Era(crashes + 1, returns + 1);
    }

    Era idsReturned() {
        return new Era(crashes, returns + 1);
    }

    /** Returns the bytes for a record that is appended in this era. */
    Payload payload(long id, int length) {
        return Payload.of(Mix.of(id, returns), length);
    }

    /** Returns the {@code n}th random number since the last crash. */
    long random(long n) {
        return Mix.of(crashes, n);
    }
}
