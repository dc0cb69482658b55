package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The runnable jar names every project whose classes it contains, with licence and notices. */
class ThirdPartyTest {
    /** Projects that the list may name differently from their artifacts. */
    private static final Pattern JLINE = Pattern.compile("jline-.*");

    /** Artifacts that only tests or the compiler use, or that are annotations. */
    private static final Pattern NOT_IN_THE_JAR = Pattern.compile("holdfast-.*|jspecify|surefire-.*|junit-platform-.*");

    @Test
    void everyProjectInTheRunnableJarIsListedWithItsLicence() throws IOException {
        String told = told();
        List<String> names = new ArrayList<>();
        for (Path jar : jars()) {
            String artifact = artifact(jar);
            String name = JLINE.matcher(artifact).matches() ? "JLine" : artifact;
            names.add(name);
            assertThat(told).as(jar.toString()).containsPattern("(?m)^  " + Pattern.quote(name) + " .*https?://");
            assertThat(told)
                    .as("section of " + name)
                    .containsPattern("(?m)^====+\\n(.* )?" + Pattern.quote(name) + "( .*)?\\n====");
        }
        assertThat(names).contains("picocli", "progressbar", "JLine", "HdrHistogram", "jackson-core");
    }

    /** Every file about licences in the META-INF of such a jar is in the runnable jar, or is part of the list. */
    @Test
    void everyNoticeIsInTheRunnableJar() throws IOException {
        String told = told().replaceAll("\\s+", " ");
        for (Path jar : jars()) {
            try (JarFile content = new JarFile(jar.toFile())) {
                List<String> texts = content.stream()
                        .map(entry -> entry.getName())
                        .filter(name -> name.matches("META-INF/[^/]*(?i:licen|notice)[^/]*"))
                        .toList();
                for (String text : texts) {
                    String file = text.substring("META-INF/".length());
                    if (file.matches("LICENSE(\\.txt)?")) {
                        // Excluded from the runnable jar, where another file has this name.
                        assertThat(told).as(jar + " " + text).contains(beginning(content, text));
                    } else {
                        assertThat(told).as(jar + " " + text).contains(file);
                    }
                }
            }
        }
    }

    private static String beginning(JarFile jar, String name) throws IOException {
        try (InputStream in = jar.getInputStream(jar.getEntry(name))) {
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .replaceAll("\\s+", " ")
                    .strip();
            return text.substring(0, Math.min(300, text.length()));
        }
    }

    private static String told() throws IOException {
        try (InputStream in = Main.class.getResourceAsStream("/META-INF/THIRD-PARTY.txt")) {
            assertThat(in).isNotNull();
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /**
     * Returns the jars whose classes are in the runnable jar: the class path without the exclusions of the assembly.
     */
    private static List<Path> jars() throws IOException {
        List<Pattern> excluded = excluded();
        List<Path> jars = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            Path path = Path.of(entry);
            if (entry.endsWith(".jar")
                    && !NOT_IN_THE_JAR.matcher(artifact(path)).matches()) {
                String place = entry.replace(File.separatorChar, '/');
                if (excluded.stream()
                        .noneMatch(pattern -> pattern.matcher(place).find())) {
                    jars.add(path);
                }
            }
        }
        return jars;
    }

    /** Returns the exclusions of cli/pom.xml as patterns of paths in a local repository. */
    private static List<Pattern> excluded() throws IOException {
        Path pom = Path.of("").toAbsolutePath();
        while (!Files.exists(pom.resolve("cli/pom.xml"))) {
            pom = pom.getParent();
        }
        Matcher excludes = Pattern.compile("<exclude>([a-zA-Z0-9.]+):([a-z0-9*-]+)</exclude>")
                .matcher(Files.readString(pom.resolve("cli/pom.xml")));
        List<Pattern> patterns = new ArrayList<>();
        while (excludes.find()) {
            String artifact = excludes.group(2).equals("*") ? "[^/]+" : excludes.group(2);
            patterns.add(Pattern.compile("/" + excludes.group(1).replace('.', '/') + "/" + artifact + "/"));
        }
        assertThat(patterns).isNotEmpty();
        return patterns;
    }

    private static String artifact(Path jar) {
        return jar.getFileName().toString().replaceAll("-[0-9].*", "");
    }
}
