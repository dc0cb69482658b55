package dev.holdfast.testkit.mistakes;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The current sources of the core module, read from the checkout. */
final class CoreSources {
    private static final Map<String, String> ALL = read();

    private CoreSources() {}

    /** Returns the folder of the core module. */
    static Path folder() {
        Path folder = Path.of("").toAbsolutePath();
        while (!Files.isDirectory(folder.resolve("core/src/main/java"))) {
            folder = folder.getParent();
            if (folder == null) {
                throw new AssertionError("found no parent folder with core/src/main/java");
            }
        }
        return folder.resolve("core");
    }

    /**
     * Returns sources by class name.
     *
     * @param concerned patches whose source files are returned
     * @param made the patches that are applied; their source files are returned, too
     */
    static Map<String, String> of(List<Patch> concerned, List<Patch> made) {
        Map<String, String> sources = new LinkedHashMap<>();
        Stream.concat(concerned.stream(), made.stream())
                .map(patch -> className(patch.seam()))
                .forEach(name -> sources.put(name, all().get(name)));
        made.forEach(
                patch -> sources.computeIfPresent(className(patch.seam()), (name, source) -> patch.applyTo(source)));
        return sources;
    }

    /** Returns the class that has a seam. */
    private static String className(String seam) {
        List<String> marked = all().entrySet().stream()
                .filter(source -> source.getValue().contains(Patch.comment(seam)))
                .map(Map.Entry::getKey)
                .toList();
        if (marked.size() != 1) {
            throw new AssertionError("seam " + seam + " must mark one class of the core, but it marks " + marked
                    + ". Put its comment on the line that does now what the marked line did.");
        }
        return marked.get(0);
    }

    /** Returns all sources of the core by class name. */
    static Map<String, String> all() {
        return ALL;
    }

    private static Map<String, String> read() {
        Path root = folder().resolve("src/main/java");
        Map<String, String> sources = new TreeMap<>();
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file :
                    files.filter(file -> file.toString().endsWith(".java")).toList()) {
                String name = root.relativize(file)
                        .toString()
                        .replace(file.getFileSystem().getSeparator(), ".");
                sources.put(name.substring(0, name.length() - ".java".length()), Files.readString(file, UTF_8));
            }
            return sources;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the sources of the core", e);
        }
    }
}
