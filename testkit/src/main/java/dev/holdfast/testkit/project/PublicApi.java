package dev.holdfast.testkit.project;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Compares the public API of some packages, as listed by {@code javap}, with a committed listing. Every change of the
 * API therefore requires a change of the listing. After an intended change, {@code -Dholdfast.api=write} writes the new
 * listing.
 */
public final class PublicApi {
    private PublicApi() {}

    /**
     * Fails if the API differs from the listing.
     *
     * @param listing the committed listing, a path below the root of the project
     * @param members one class of each package that is compared
     */
    public static void assertListed(String listing, Class<?>... members) throws IOException {
        Path file = ProjectRoot.path().resolve(listing);
        String now = list(members);
        if ("write".equals(System.getProperty("holdfast.api"))) {
            Files.createDirectories(file.getParent());
            Files.writeString(file, now);
        }
        assertThat(now)
                .as("public API; after an intended change, update %s with -Dholdfast.api=write", listing)
                .isEqualTo(Files.exists(file) ? Files.readString(file) : "");
    }

    private static String list(Class<?>... members) throws IOException {
        StringBuilder all = new StringBuilder();
        for (Class<?> member : members) {
            Path classes = classesOf(member);
            for (String name : classNames(classes, member.getPackageName())) {
                all.append(javap(classes, name));
            }
        }
        return all.toString();
    }

    private static Path classesOf(Class<?> member) {
        try {
            return Path.of(
                    member.getProtectionDomain().getCodeSource().getLocation().toURI());
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(member.getName(), e);
        }
    }

    /** Returns the names of all classes of a package, sorted. */
    private static List<String> classNames(Path classes, String packageName) throws IOException {
        if (Files.isDirectory(classes)) {
            return classNamesIn(classes, packageName);
        }
        try (FileSystem jar = FileSystems.newFileSystem(URI.create("jar:" + classes.toUri()), Map.of())) {
            return classNamesIn(jar.getPath("/"), packageName);
        }
    }

    private static List<String> classNamesIn(Path root, String packageName) throws IOException {
        try (Stream<Path> files = Files.list(root.resolve(packageName.replace('.', '/')))) {
            return files.map(file -> file.getFileName().toString())
                    .filter(file -> file.endsWith(".class") && !file.endsWith("-info.class"))
                    .map(file -> packageName + "." + file.substring(0, file.length() - ".class".length()))
                    .sorted()
                    .collect(Collectors.toCollection(ArrayList::new));
        }
    }

    /** Returns the public and protected members of a class; empty if users cannot access the class. */
    private static String javap(Path classes, String name) {
        StringWriter written = new StringWriter();
        PrintWriter out = new PrintWriter(written);
        int exit = ToolProvider.findFirst("javap")
                .orElseThrow(() -> new UncheckedIOException(new IOException("this JDK has no javap")))
                .run(out, out, "-protected", "-cp", classes.toString(), name);
        assertThat(exit).as("exit code of javap: %s", written).isZero();
        String listing =
                written.toString().replaceFirst("Compiled from .*\\R", "").replace(System.lineSeparator(), "\n");
        return listing.startsWith("public") || listing.startsWith("protected") ? listing + "\n" : "";
    }
}
