package dev.holdfast.testkit.disk;

import java.util.Locale;

/**
 * Rule that decides which unsynced changes survive a simulated power failure.
 *
 * <p>The unsynced items of a {@link DiskState} are numbered. Each changed sector, file length and file name is one
 * item. A rule is printed and parsed as its kind and its number, such as {@code only3}.
 *
 * @param kind the rule
 * @param number the rule's parameter; 0 if the rule has none
 */
public record PowerCut(Kind kind, long number) {
    /** Kinds of rules. */
    public enum Kind {
        /** No item survives. */
        NOTHING,
        /** Every item survives. */
        EVERYTHING,
        /** Only item {@code number} survives. */
        ONLY,
        /** Every item except item {@code number} survives. */
        WITHOUT,
        /**
         * Item {@code number}, a sector, is torn and keeps part of its old bytes. Every other item survives completely.
         */
        TORN,
        /**
         * The first {@code number} changes survive, in the order in which they were written. All later changes are
         * lost.
         */
        UNTIL,
        /**
         * {@code number} encodes how many versions of each item survive. It has one digit per item; the base of each
         * digit is the item's number of unsynced versions plus one.
         */
        SUBSET,
        /** Chance decides what survives, and may tear sectors; {@code number} is the seed. */
        RANDOM
    }

    /** Loses everything that was not synced. */
    public static final PowerCut NOTHING = new PowerCut(Kind.NOTHING, 0);

    /** Loses nothing. */
    public static final PowerCut EVERYTHING = new PowerCut(Kind.EVERYTHING, 0);

    /** Returns a rule by which chance decides, from a seed. */
    public static PowerCut random(long seed) {
        return new PowerCut(Kind.RANDOM, seed);
    }

    /** Parses the text that {@link #toString()} returns. */
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
