package dev.holdfast.testkit.explorer;

/**
 * How far a history has come, as far as its bytes depend on that. Payloads and salts follow from the place in the
 * history and from nothing else: two images never differ because of a seed alone, and a record that is asked for again
 * never has the bytes of the one before.
 *
 * @param crashes how many crashes came before
 * @param returns how often ids may have been given back: by an opening, a removal, a refusal
 */
record Era(int crashes, int returns) {
    static final Era FIRST = new Era(0, 0);

    Era crashed() {
        return new Era(crashes + 1, returns + 1);
    }

    Era idsReturned() {
        return new Era(crashes, returns + 1);
    }

    /** The bytes of a record that is asked for now. */
    Payload payload(long id, int length) {
        return Payload.of(Mix.of(id, returns), length);
    }

    /** The random number number {@code n} that is drawn since the last crash. */
    long random(long n) {
        return Mix.of(crashes, n);
    }
}
