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

/** Whose classes are in the runnable jar is told in it, with their licences and notices. */
class ThirdPartyTest {
    /** The names under which a project may stand in the list, where the artifact has another. */
    private static final Pattern JLINE = Pattern.compile("jline-.*");

    /** On the class path of the tests or the compiler alone, or annotations. */
    private static final Pattern NOT_IN_THE_JAR = Pattern.compile("holdfast-.*|jspecify|surefire-.*|junit-platform-.*");

    @Test
    void everyProjectInTheRunnableJarIsNamedWithItsLicence() throws IOException {
        String told = told();
        List<String> names = new ArrayList<>();
        for (Path jar : jars()) {
            String artifact = artifact(jar);
            String name = JLINE.matcher(artifact).matches() ? "JLine" : artifact;
            names.add(name);
            assertThat(told).as(jar.toString()).containsPattern("(?m)^  " + Pattern.quote(name) + " .*https?://");
            assertThat(told)
                    .as(name + " has a part")
                    .containsPattern("(?m)^====+\\n(.* )?" + Pattern.quote(name) + "( .*)?\\n====");
        }
        assertThat(names).contains("picocli", "progressbar", "JLine", "HdrHistogram", "jackson-core");
    }

    /** What such a jar has under META-INF about licences comes along, or is in the list itself. */
    @Test
    void everyNoticeComesAlong() throws IOException {
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
                        // Left out of the runnable jar, where another stands under this name.
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

    /** The jars that the runnable jar is made of: those of the class path that its assembly does not leave out. */
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

    /** The exclusions of cli/pom.xml, as they look in the path of a local repository. */
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
