package dev.holdfast.testkit.mistakes;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The current sources of the core module, read from the checkout. */
final class CoreSources {
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
     * @param made the patches that are applied; a subset of {@code concerned}
     */
    static Map<String, String> of(List<Patch> concerned, List<Patch> made) {
        Map<String, String> sources = new LinkedHashMap<>();
        concerned.forEach(patch -> sources.put(className(patch), source(patch)));
        made.forEach(patch -> sources.compute(className(patch), (name, source) -> patch.applyTo(source)));
        return sources;
    }

    private static String className(Patch patch) {
        return "dev.holdfast.wal." + patch.file().replace('/', '.');
    }

    private static String source(Patch patch) {
        Path file = folder().resolve("src/main/java/dev/holdfast/wal").resolve(patch.file() + ".java");
        try {
            return Files.readString(file, UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the source file of a mistake", e);
        }
    }
}
