package dev.holdfast.fuzz;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;

/**
 * Chooses numbers that are likely to find bugs: small numbers, numbers near given numbers, numbers near the limits of
 * their type, and arbitrary numbers.
 */
final class Numbers {
    private Numbers() {}

    static long near(FuzzedDataProvider data, long... others) {
        int kind = data.consumeByte() & 7;
        return switch (kind) {
            case 0 -> data.consumeLong();
            case 1 -> Long.MAX_VALUE - (data.consumeByte() & 3);
            case 2 -> (1L << (data.consumeByte() & 63)) - (data.consumeByte() & 1);
            case 3 -> data.consumeByte();
            default -> others[(data.consumeByte() & 0xff) % others.length] + small(data);
        };
    }

    /** Returns mostly numbers from -2 to 5. */
    private static int small(FuzzedDataProvider data) {
        int value = data.consumeByte();
        return value >= 0 && value < 64 ? value / 8 - 2 : value;
    }
}
