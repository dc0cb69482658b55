package dev.holdfast.cli;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The look of output for people. Colours are used only on a terminal that has colours, and only if {@code NO_COLOR}
 * (no-color.org) is not set.
 *
 * @param coloured whether to use colours
 * @param blocks whether the terminal can show characters beyond ASCII
 * @param columns width of the terminal in characters
 */
record Style(boolean coloured, boolean blocks, int columns) {
    private static final int USUAL_COLUMNS = 80;
    private static final int MOST_COLUMNS = 1000;

    /** Colours, with their ANSI codes. */
    enum Colour {
        RED(31),
        GREEN(32),
        YELLOW(33),
        GREY(90);

        private final int code;

        Colour(int code) {
            this.code = code;
        }
    }

    /** Returns the style for standard output. */
    static Style of(Streams streams) {
        return of(streams.outIsTerminal(), System.getenv(), terminalShowsMoreThanAscii());
    }

    /** Returns the style for standard error. */
    static Style ofErr(Streams streams) {
        return of(streams.errIsTerminal(), System.getenv(), terminalShowsMoreThanAscii());
    }

    /**
     * Returns whether the terminal can show characters beyond ASCII. It can if the locale's charset is UTF-8. The
     * property {@code native.encoding} names this charset; from JDK 18 on, Java's default charset does not depend on
     * the locale. The launcher may replace a locale without UTF-8; it then sets the property {@code holdfast.terminal}.
     */
    private static boolean terminalShowsMoreThanAscii() {
        return System.getProperty("native.encoding", "").equals("UTF-8")
                && !System.getProperty("holdfast.terminal", "").equals("ascii");
    }

    static Style of(boolean terminal, Map<String, String> environment, boolean blocks) {
        boolean coloured = terminal
                && environment.getOrDefault("NO_COLOR", "").isEmpty()
                && !environment.getOrDefault("TERM", "").equals("dumb");
        return new Style(coloured, blocks, columns(environment.get("COLUMNS")));
    }

    private static int columns(@Nullable String text) {
        if (text == null || !text.matches("[0-9]{1,4}")) {
            return USUAL_COLUMNS;
        }
        return Math.max(USUAL_COLUMNS / 2, Math.min(MOST_COLUMNS, Integer.parseInt(text)));
    }

    String paint(Colour colour, String text) {
        return coloured && !text.isEmpty() ? "\u001b[" + colour.code + "m" + text + "\u001b[0m" : text;
    }
}
