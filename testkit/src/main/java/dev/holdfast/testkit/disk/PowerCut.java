package dev.holdfast.testkit.disk;

import java.util.Locale;

/**
 * What a power failure leaves of everything that was written and not synced. The unsynced things of a {@link DiskState}
 * are numbered: each sector, length and change of a name is one. Printed and parsed as the kind and the number:
 * {@code only3}.
 *
 * @param kind the rule
 * @param number its parameter; 0 where it needs none
 */
public record PowerCut(Kind kind, long number) {
    /** A rule by which things are lost. */
    public enum Kind {
        /** All of them. */
        NOTHING,
        /** None of them. */
        EVERYTHING,
        /** All but thing {@code number}. */
        ONLY,
        /** Thing {@code number} alone. */
        WITHOUT,
        /** None, but thing {@code number} is a sector of which a part is old. */
        TORN,
        /** All that was written after the first {@code number} pieces, in the order of writing. */
        UNTIL,
        /**
         * As many versions of each thing as a digit of {@code number} says, the base of a digit being one more than the
         * versions.
         */
        SUBSET,
        /** By chance, tears included; {@code number} is the seed. */
        RANDOM
    }

    /** Loses everything that was not synced. */
    public static final PowerCut NOTHING = new PowerCut(Kind.NOTHING, 0);

    /** Loses nothing. */
    public static final PowerCut EVERYTHING = new PowerCut(Kind.EVERYTHING, 0);

    /** Loses things by chance. */
    public static PowerCut random(long seed) {
        return new PowerCut(Kind.RANDOM, seed);
    }

    /** As {@link #toString()} gives it. */
    public static PowerCut parse(String text) {
        int digits = 0;
        while (digits < text.length() && Character.isLetter(text.charAt(digits))) {
            digits++;
        }
        Kind kind = Kind.valueOf(text.substring(0, digits).toUpperCase(Locale.ROOT));
        return new PowerCut(kind, digits == text.length() ? 0 : Long.parseLong(text.substring(digits)));
    }

    @Override
    public String toString() {
        String rule = kind.name().toLowerCase(Locale.ROOT);
        return kind == Kind.NOTHING || kind == Kind.EVERYTHING ? rule : rule + number;
    }
}
