package dev.holdfast.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testkit.project.ProjectRoot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Checks the long modes of the tests: the Maven profile {@code long} sets all of them, and the documents name the same
 * values.
 */
class LongModesTest {
    private static final Path ROOT = ProjectRoot.path();
    // Properties of a single run, which are not modes.
    private static final String OTHERS =
            "holdfast\\.(seed|workload|golden|patience|race\\.seconds|bookkeeper\\.(errors|log))";

    @Test
    void profileSetsTheValuesOfTheDocuments() throws IOException {
        String documents =
                Files.readString(ROOT.resolve("CONTRIBUTING.md")) + Files.readString(ROOT.resolve("docs/raft.md"));
        modes().forEach((property, value) ->
                assertThat(documents.replace("\"", "")).contains("`-D" + property + "=" + value + "`"));
    }

    @Test
    void profileSetsEachPropertyThatATestReads() throws IOException {
        Pattern read = Pattern.compile("(?:get(?:Integer|Boolean|Long|Property)\\(|named = )\"(holdfast\\.[a-z.]+)\"");
        for (Path file : testSources()) {
            Matcher matcher = read.matcher(Files.readString(file));
            while (matcher.find()) {
                if (!matcher.group(1).matches(OTHERS)) {
                    assertThat(modes()).as(file.toString()).containsKey(matcher.group(1));
                }
            }
        }
    }

    private static List<Path> testSources() throws IOException {
        List<Path> sources = new ArrayList<>();
        Matcher module = Pattern.compile("<module>(.*)</module>").matcher(Files.readString(ROOT.resolve("pom.xml")));
        while (module.find()) {
            Path tests = ROOT.resolve(module.group(1)).resolve("src/test/java");
            if (Files.isDirectory(tests)) {
                try (Stream<Path> files = Files.walk(tests)) {
                    files.filter(file -> file.toString().endsWith(".java")).forEach(sources::add);
                }
            }
        }
        return sources;
    }

    private static Map<String, String> modes() throws IOException {
        String pom = Files.readString(ROOT.resolve("pom.xml"));
        return Pattern.compile("<(holdfast\\.[a-z.]+)>(.*)</\\1>")
                .matcher(pom.substring(pom.indexOf("<id>long</id>")))
                .results()
                .collect(Collectors.toMap(
                        mode -> mode.group(1), mode -> mode.group(2), (one, other) -> other, TreeMap::new));
    }
}
