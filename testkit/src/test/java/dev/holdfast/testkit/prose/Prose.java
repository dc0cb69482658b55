package dev.holdfast.testkit.prose;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The prose of one file. A Java source contributes its comments, string literals and names of tests; Markdown
 * contributes its text outside code. All other text becomes blanks, so line numbers do not change.
 */
final class Prose {
    private static final Pattern BLOCK_PREFIX = Pattern.compile("(?m)^[ \\t]*(?:/?\\*+/?|//)");
    private static final Pattern JAVADOC_CODE =
            Pattern.compile("\\{@(?:code|link|linkplain|value)[^}]*}|<pre>.*?</pre>", Pattern.DOTALL);
    private static final Pattern TEST_NAME = Pattern.compile("\\bvoid (\\w+)\\(");
    private static final Pattern FENCE = Pattern.compile("(?ms)^ *(```|~~~).*?^ *\\1 *$");
    private static final Pattern CODE_SPAN = Pattern.compile("`[^`]*`|\\]\\([^)]*\\)");
    private static final Pattern INDENTED_CODE = Pattern.compile("(?m)^ {4,}(?![-*\\d]).*$");

    private final StringBuilder text;

    private Prose(String blanked) {
        this.text = new StringBuilder(blanked);
    }

    /** Returns the prose. All other text is replaced by blanks. */
    @Override
    public String toString() {
        return text.toString();
    }

    static Prose ofMarkdown(String file) {
        Prose prose = new Prose(file);
        prose.blank(FENCE);
        prose.blank(INDENTED_CODE); // before spans, whose blanks would look like an indent
        prose.blank(CODE_SPAN);
        return prose;
    }

    /** Returns the comments of a Java file. */
    static Prose commentsOf(String file) {
        Prose prose = new Prose(new JavaText(file).only(JavaText.Kind.COMMENT));
        prose.blank(BLOCK_PREFIX);
        prose.blank(JAVADOC_CODE);
        prose.blank(CODE_SPAN);
        return prose;
    }

    /** Returns the string literals of a Java file. */
    static Prose literalsOf(String file) {
        return new Prose(new JavaText(file).only(JavaText.Kind.LITERAL));
    }

    /** Returns the names of {@code void} methods, such as tests, split into words. */
    static List<Place> testNamesOf(String file) {
        List<Place> names = new ArrayList<>();
        String code = new JavaText(file).only(JavaText.Kind.CODE);
        Matcher matcher = TEST_NAME.matcher(code);
        while (matcher.find()) {
            names.add(new Place(lineOf(code, matcher.start()), words(matcher.group(1))));
        }
        return names;
    }

    /** A text and the number of its line. */
    record Place(int line, String text) {}

    private static String words(String name) {
        return name.replaceAll("(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ")
                .toLowerCase(Locale.ROOT);
    }

    static int lineOf(CharSequence text, int offset) {
        return 1 + (int) text.chars().limit(offset).filter(c -> c == '\n').count();
    }

    private void blank(Pattern pattern) {
        Matcher matcher = pattern.matcher(text.toString());
        while (matcher.find()) {
            for (int i = matcher.start(); i < matcher.end(); i++) {
                if (text.charAt(i) != '\n') {
                    text.setCharAt(i, ' ');
                }
            }
        }
    }
}
