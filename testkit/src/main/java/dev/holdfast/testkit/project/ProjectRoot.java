package dev.holdfast.testkit.project;

import static java.util.Objects.requireNonNull;

import java.nio.file.Files;
import java.nio.file.Path;

/** The root folder of this project's sources. */
public final class ProjectRoot {
    private ProjectRoot() {}

    /** Returns the closest folder above that holds the documents. Tests run in the folder of their module. */
    public static Path path() {
        Path folder = Path.of("").toAbsolutePath();
        while (!Files.exists(folder.resolve("docs/guarantees.md"))) {
            folder = requireNonNull(folder.getParent(), "no folder above has docs/guarantees.md");
        }
        return folder;
    }
}
