package dev.holdfast.testkit.explorer;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * One crash of a path. After the crash the next run begins. A list of turns identifies any position of an exploration,
 * such as {@code 17.only3/4.kill}.
 *
 * @param point number of the crash point in its run
 */
record Turn(int point, Crash crash) {
    static List<Turn> parseAll(String text) {
        if (text.equals("-")) {
            return List.of();
        }
        return Arrays.stream(text.split("/", -1)).map(Turn::parse).toList();
    }

    static String printAll(List<Turn> path) {
        return path.isEmpty() ? "-" : path.stream().map(Turn::toString).collect(Collectors.joining("/"));
    }

    private static Turn parse(String text) {
        int dot = text.indexOf('.');
        return new Turn(Integer.parseInt(text.substring(0, dot)), Crash.parse(text.substring(dot + 1)));
    }

    @Override
    public String toString() {
        return point + "." + crash;
    }
}
