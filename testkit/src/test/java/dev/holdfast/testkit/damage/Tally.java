package dev.holdfast.testkit.damage;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLongArray;

/** Counts the outcomes of each kind of damage. Thread-safe. */
final class Tally {
    private final Map<Damage.Kind, AtomicLongArray> counts = new EnumMap<>(Damage.Kind.class);

    Tally() {
        for (Damage.Kind kind : Damage.Kind.values()) {
            counts.put(kind, new AtomicLongArray(Outcome.values().length));
        }
    }

    void count(Damage.Kind kind, Outcome outcome) {
        of(kind).incrementAndGet(outcome.ordinal());
    }

    private AtomicLongArray of(Damage.Kind kind) {
        return counts.get(kind);
    }

    void addAll(Tally other) {
        for (Damage.Kind kind : Damage.Kind.values()) {
            for (Outcome outcome : Outcome.values()) {
                of(kind).addAndGet(outcome.ordinal(), other.times(kind, outcome));
            }
        }
    }

    private long times(Damage.Kind kind, Outcome outcome) {
        return of(kind).get(outcome.ordinal());
    }

    /** Returns the number of damages with this outcome. */
    long total(Outcome outcome) {
        return counts.keySet().stream().mapToLong(kind -> times(kind, outcome)).sum();
    }

    private static String row(String first, Object... columns) {
        StringBuilder row = new StringBuilder(String.format(Locale.ROOT, "| %-36s |", first));
        for (Object column : columns) {
            row.append(String.format(Locale.ROOT, " %15s |", column));
        }
        return row.append('\n').toString();
    }

    @Override
    public String toString() {
        StringBuilder table =
                new StringBuilder(row("damage", "harmless", "error at open", "error at read", "last group lost"));
        for (Damage.Kind kind : Damage.Kind.values()) {
            table.append(row(
                    kind.toString(),
                    times(kind, Outcome.HARMLESS),
                    times(kind, Outcome.ERROR_AT_OPEN),
                    times(kind, Outcome.ERROR_AT_READ),
                    times(kind, Outcome.LAST_GROUP_LOST)));
        }
        return table.append(row(
                        "all",
                        total(Outcome.HARMLESS),
                        total(Outcome.ERROR_AT_OPEN),
                        total(Outcome.ERROR_AT_READ),
                        total(Outcome.LAST_GROUP_LOST)))
                .toString();
    }
}
