package dev.holdfast.cli;

import java.util.List;

/** Reports what opening a store found damaged, and the result of reading its records. */
final class Damages {
    private Damages() {}

    /** Returns damage as rows of JSON. */
    static List<Fields> rows(List<String> damage) {
        return damage.stream()
                .map(message -> new Fields().text("message", FailureText.onOneLine(message)))
                .toList();
    }

    static String places(int count) {
        return count + (count == 1 ? " place" : " places");
    }

    /** Prints one line on standard error if there is damage, and returns the exit code. */
    static int report(Streams streams, Location location, List<String> damage) {
        if (damage.isEmpty()) {
            return ExitCodes.FINE;
        }
        streams.err()
                .println("holdfast: " + FailureText.onOneLine(location.toString()) + ": damage was found in "
                        + places(damage.size()) + ", the first: " + FailureText.onOneLine(damage.get(0)));
        return ExitCodes.DAMAGE;
    }
}
