package dev.holdfast.testkit.mistakes;

import java.util.Arrays;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A change of one source file of the core.
 *
 * @param file below {@code dev/holdfast/wal}, without {@code .java}
 * @param find what must occur in it exactly once; how it is broken into lines does not matter
 * @param replacement what stands there instead
 */
public record Patch(String file, String find, String replacement) {
    /** The source with the change. */
    String applyTo(String source) {
        Matcher places = pattern().matcher(source);
        long count = places.results().count();
        if (count != 1) {
            throw new AssertionError(file + ".java has " + count + " places where it says\n    " + find.strip()
                    + "\nand a mistake needs exactly one to be made at. The source was changed since the mistake was written: look "
                    + "what does the same job now, and change the text of the patch, not what is wrong with it.");
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
