package dev.holdfast.cli;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** Names of the logs of a store: how they are printed, and which of them a mistyped name may mean. */
final class Names {
    private static final int MOST_SUGGESTIONS = 3;

    /** A suggestion differs from the typed name in at most one of this many characters, or in two of a short name. */
    private static final int CHARACTERS_A_MISTAKE = 3;

    private record Suggestion(String name, int mistakes) {}

    private Names() {}

    /** Returns a name with control characters, quotes and backslashes escaped. It stays on its line and in its cell. */
    static String escaped(String name) {
        StringBuilder text = new StringBuilder();
        name.codePoints().forEach(c -> {
            if (c == '"' || c == '\\') {
                text.append('\\').appendCodePoint(c);
            } else if (isInvisible(c)) {
                text.append(String.format(Locale.ROOT, "\\u%04x", c));
            } else {
                text.appendCodePoint(c);
            }
        });
        return text.toString();
    }

    private static boolean isInvisible(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE -> true;
            default -> false;
        };
    }

    /** Returns the name for a message: escaped, between quotes. */
    static String quoted(String name) {
        return '"' + escaped(name) + '"';
    }

    /** Returns the names that are similar to a mistyped name, the most similar first. */
    static List<String> similar(String typed, Collection<String> names) {
        int limit = Math.max(2, typed.length() / CHARACTERS_A_MISTAKE);
        List<Suggestion> suggestions = new ArrayList<>();
        for (String name : names) {
            if (Math.abs(name.length() - typed.length()) <= limit) {
                int mistakes = mistakes(typed.toLowerCase(Locale.ROOT), name.toLowerCase(Locale.ROOT));
                if (mistakes <= limit && mistakes < typed.length()) {
                    suggestions.add(new Suggestion(name, mistakes));
                }
            }
        }
        suggestions.sort(Comparator.comparingInt(Suggestion::mistakes).thenComparing(Suggestion::name));
        return suggestions.stream()
                .limit(MOST_SUGGESTIONS)
                .map(Suggestion::name)
                .toList();
    }

    /** Returns how many characters must be inserted, deleted or replaced to turn one text into the other. */
    private static int mistakes(String from, String to) {
        int[] row = new int[to.length() + 1];
        for (int j = 0; j <= to.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= from.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= to.length(); j++) {
                int replaced = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[to.length()];
    }
}
