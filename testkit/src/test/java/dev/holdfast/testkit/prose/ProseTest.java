package dev.holdfast.testkit.prose;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testkit.project.ProjectRoot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * Checks the prose of every module. Comments, messages, names of tests and documents keep to the width of
 * {@code .editorconfig} and contain none of the phrases that are hardest to read.
 */
class ProseTest {
    private static final int WIDTH = 120;

    /** Phrases that stand for a plainer one: notified, published, written, is, is removed, created, repaired. */
    private static final Pattern PHRASE = Pattern.compile(
            "(?i)\\b(whoever|one\\s+that|of\\s+which|as\\s+it\\s+is|so\\s+many|for\\s+want\\s+of|has\\s+it\\s+that|"
                    + "told|shown|said|stands|goes|born|mended)\\b");

    private static final Pattern WHERE = Pattern.compile("\\bWhere\\b");

    private static final Path ROOT = ProjectRoot.path();

    private static String place(Path file, int line, String what) {
        return ROOT.relativize(file) + ":" + line + ": " + what;
    }

    @Test
    void javaProseHasNoPhraseThatMustBeReadTwice() throws IOException {
        List<String> found = new ArrayList<>();
        for (Path file : ProjectFiles.of(".java")) {
            String text = Files.readString(file);
            boolean phrases = !file.endsWith(Path.of("prose", "ProseTest.java"));
            if (phrases) {
                addPhrases(found, file, Prose.commentsOf(text).toString());
                addPhrases(found, file, Prose.literalsOf(text).toString());
                for (Prose.Place name : Prose.testNamesOf(text)) {
                    addPhrases(found, file, "\n".repeat(name.line() - 1) + name.text());
                }
            }
        }
        assertThat(found).isEmpty();
    }

    @Test
    void documentsHaveNoPhraseThatMustBeReadTwice() throws IOException {
        List<String> found = new ArrayList<>();
        for (Path file : ProjectFiles.of(".md")) {
            addPhrases(found, file, Prose.ofMarkdown(Files.readString(file)).toString());
        }
        assertThat(found).isEmpty();
    }

    private static void addPhrases(List<String> found, Path file, String prose) {
        Matcher phrase = PHRASE.matcher(prose);
        while (phrase.find()) {
            String words = phrase.group().replaceAll("\\s+", " ");
            found.add(place(file, Prose.lineOf(prose, phrase.end()), words));
        }
        Matcher where = WHERE.matcher(prose);
        while (where.find()) {
            if (isHeadOfSentence(prose, where.start()) && !isQuestion(prose, where.end())) {
                found.add(place(file, Prose.lineOf(prose, where.end()), "Where, for if or when"));
            }
        }
    }

    private static boolean isHeadOfSentence(String prose, int offset) {
        int end = offset;
        int lineEnds = 0;
        while (end > 0 && Character.isWhitespace(prose.charAt(end - 1))) {
            end--;
            lineEnds += prose.charAt(end) == '\n' ? 1 : 0;
        }
        return end == 0 || lineEnds > 1 || ".!?:".indexOf(prose.charAt(end - 1)) >= 0;
    }

    private static boolean isQuestion(String prose, int offset) {
        int end = offset;
        while (end < prose.length() && ".!?".indexOf(prose.charAt(end)) < 0) {
            end++;
        }
        return end < prose.length() && prose.charAt(end) == '?';
    }

    @Test
    void commentsKeepToTheWidth() throws IOException {
        List<String> found = new ArrayList<>();
        for (Path file : ProjectFiles.of(".java")) {
            String[] lines = Files.readString(file).split("\n");
            String[] comments = new JavaText(String.join("\n", lines))
                    .only(JavaText.Kind.COMMENT)
                    .split("\n");
            for (int i = 0; i < comments.length; i++) {
                if (!comments[i].isBlank() && lines[i].length() > WIDTH) {
                    found.add(place(file, i + 1, lines[i].length() + " columns"));
                }
                if (i > 0 && isStub(comments, i)) {
                    found.add(place(file, i + 1, "a line of one word within a comment"));
                }
            }
        }
        assertThat(found).isEmpty();
    }

    /**
     * A comment line with one word between two other comment lines. A formatter leaves such a line when it breaks a
     * long line.
     */
    private static boolean isStub(String[] lines, int i) {
        String word = lines[i].strip();
        return word.matches("// [^\\s/]+")
                && isComment(lines[i - 1])
                && i + 1 < lines.length
                && isComment(lines[i + 1])
                && !word.matches(".*[.:;]");
    }

    private static boolean isComment(String line) {
        return line.strip().startsWith("// ");
    }

    @Test
    void documentsKeepToTheWidth() throws IOException {
        List<String> found = new ArrayList<>();
        for (Path file : ProjectFiles.of(".md")) {
            String text = Files.readString(file);
            String[] lines = text.split("\n");
            String[] prose = Prose.ofMarkdown(text).toString().split("\n");
            for (int i = 0; i < lines.length; i++) {
                boolean hasProse = i < prose.length && !prose[i].isBlank() && !lines[i].startsWith("|");
                if (hasProse && lines[i].length() > WIDTH && lines[i].strip().contains(" ")) {
                    found.add(place(file, i + 1, lines[i].length() + " columns"));
                }
            }
        }
        assertThat(found).isEmpty();
    }

    /** Tests the checker itself, because a checker that finds nothing would always pass. */
    @Test
    void phrasesAreFoundInCommentsLiteralsNamesAndDocuments() {
        List<String> found = new ArrayList<>();
        Path file = ROOT.resolve("A.java");
        String java = "/** Where it is, the caller is told.\n * {@code said} */\nclass A {\n    // as it\n    // is\n"
                + "    String s = \"one that\"; // c\n    void recordIsShown() {}\n    int goes;\n}\n";
        addPhrases(found, file, Prose.commentsOf(java).toString());
        addPhrases(found, file, Prose.literalsOf(java).toString());
        Prose.testNamesOf(java).forEach(name -> addPhrases(found, file, "\n".repeat(name.line() - 1) + name.text()));
        assertThat(found)
                .containsExactly(
                        "A.java:1: told",
                        "A.java:5: as it is",
                        "A.java:1: Where, for if or when",
                        "A.java:6: one that",
                        "A.java:7: shown");
        found.clear();
        addPhrases(
                found,
                file,
                Prose.ofMarkdown("A `told` log. Where\nit is.\n\n```\nsaid\n```\n\n    goes\n\nIt is born.\n")
                        .toString());
        assertThat(found).containsExactly("A.java:10: born", "A.java:1: Where, for if or when");
    }
}
