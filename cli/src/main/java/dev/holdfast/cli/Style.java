package dev.holdfast.cli;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How output looks for people: colours on a terminal only, and not where {@code NO_COLOR} is set (no-color.org) or the
 * terminal knows none.
 *
 * @param coloured whether to use colours
 * @param blocks whether the terminal shows more than ASCII
 * @param columns how wide it is
 */
record Style(boolean coloured, boolean blocks, int columns) {
    private static final int USUAL_COLUMNS = 80;
    private static final int MOST_COLUMNS = 1000;

    /** The colours, as terminals count them. */
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

    /** For standard output. */
    static Style of(Streams streams) {
        return of(streams.outIsTerminal(), System.getenv(), terminalShowsMoreThanAscii());
    }

    /** For standard error. */
    static Style ofErr(Streams streams) {
        return of(streams.errIsTerminal(), System.getenv(), terminalShowsMoreThanAscii());
    }

    /**
     * The locale's charset tells, which is not the default one from JDK 18 on; the launcher, which may set another
     * locale, tells what it was.
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
