package dev.holdfast.testkit.mistakes;

import java.util.Arrays;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A change of one source file of the core.
 *
 * @param file path below {@code dev/holdfast/wal}, without {@code .java}
 * @param find text that must occur exactly once in the file; line breaks count as spaces
 * @param replacement text that replaces it
 */
public record Patch(String file, String find, String replacement) {
    /** Returns the source with the change applied. */
    String applyTo(String source) {
        Matcher places = pattern().matcher(source);
        long count = places.results().count();
        if (count != 1) {
            throw new AssertionError(file + ".java has " + count + " places with the text\n    " + find.strip()
                    + "\nbut a mistake needs exactly one. The source has changed since the mistake was written: find the code "
                    + "that has the same purpose now, and adapt the text of the patch, but not its mistake.");
        }
        MatchResult place = places.reset().results().findFirst().orElseThrow();
        String changed = source.substring(0, place.start()) + replacement + source.substring(place.end());
        if (changed.equals(source)) {
            throw new AssertionError("the patch of " + file + ".java changes nothing: " + find.strip());
        }
        return changed;
    }

    private Pattern pattern() {
        return Pattern.compile(Arrays.stream(find.strip().split("\\s+", -1))
                .map(Pattern::quote)
                .collect(Collectors.joining("\\s+")));
    }
}
