package dev.holdfast.testkit.explorer;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * One crash in a sequence of runs. Each crash ends a run, and the next run begins on the disk that the crash left. A
 * list of turns, such as {@code 17.only3/4.kill}, identifies any position of an exploration.
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
