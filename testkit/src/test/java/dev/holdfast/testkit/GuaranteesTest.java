package dev.holdfast.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testkit.project.ProjectRoot;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Checks that every promise in docs/guarantees.md names tests that exist and run. The tests are in several modules, so
 * this test reads their sources.
 */
class GuaranteesTest {
    private static final Pattern NAMED = Pattern.compile("`([A-Z]\\w+(?:Test|Contract))\\.(\\w+)`");
    private static final Pattern RUNS =
            Pattern.compile("@(Test|ParameterizedTest|TestFactory|RepeatedTest|FuzzTest)\\b");
    private static final int PROMISES = 15;

    private final Path root = ProjectRoot.path();
    private final String document = read(root.resolve("docs/guarantees.md"));

    @TestFactory
    Stream<DynamicTest> namedTestExistsAndRuns() throws IOException {
        Map<String, Path> sources = sources();
        return NAMED.matcher(document)
                .results()
                .map(named -> named.group(1) + "." + named.group(2))
                .distinct()
                .map(name -> DynamicTest.dynamicTest(name, () -> assertRuns(name, sources)));
    }

    @Test
    void everyPromiseNamesATest() {
        String[] sections = document.split("\n## ", -1);
        IntStream.rangeClosed(1, PROMISES)
                .forEach(number -> assertThat(sections)
                        .as("G" + number)
                        .anySatisfy(section -> assertThat(section)
                                .startsWith("G" + number + " ")
                                .containsPattern(NAMED)));
    }

    private static void assertRuns(String name, Map<String, Path> sources) {
        String simpleName = name.substring(0, name.indexOf('.'));
        String method = name.substring(name.indexOf('.') + 1);
        assertThat(sources).containsKey(simpleName);
        String source = read(sources.get(simpleName));
        assertThat(source).as(simpleName + " is disabled").doesNotContain("@Disabled");
        assertThat(annotationsOf(method, source)).as(name + " is a test").anyMatch(RUNS.asPredicate());
    }

    /** Returns the lines directly above a method, up to the first empty line. */
    private static List<String> annotationsOf(String method, String source) {
        List<String> lines = source.lines().toList();
        int declared = IntStream.range(0, lines.size())
                .filter(i -> lines.get(i).contains("void " + method + "("))
                .findFirst()
                .orElseThrow(() -> new AssertionError("found no method " + method));
        int from = declared;
        while (from > 0 && !lines.get(from - 1).isBlank()) {
            from--;
        }
        return lines.subList(from, declared + 1);
    }

    private Map<String, Path> sources() throws IOException {
        Map<String, Path> sources = new TreeMap<>();
        for (String module : new String[] {"core", "testkit", "cli", "races", "fuzz", "spec"}) {
            try (Stream<Path> files = Files.walk(root.resolve(module).resolve("src"))) {
                files.filter(file -> file.toString().endsWith(".java"))
                        .forEach(file -> sources.put(simpleName(file), file));
            }
        }
        return sources;
    }

    private static String simpleName(Path file) {
        String name = String.valueOf(file.getFileName());
        return name.substring(0, name.length() - ".java".length());
    }

    private static String read(Path file) {
        try {
            return Files.readString(file, UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
