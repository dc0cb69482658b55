package dev.holdfast.testkit.prose;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testkit.project.ProjectRoot;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Set;
import java.util.TreeSet;

/** The files of this project. */
final class ProjectFiles {
    private ProjectFiles() {}

    /** Returns all sources or documents of every module whose names end like this, except generated files. */
    static Set<Path> of(String suffix) throws IOException {
        Path root = ProjectRoot.path();
        Set<Path> files = new TreeSet<>();
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
                String name = folder.getFileName().toString();
                boolean made = name.startsWith("target") || (name.startsWith(".") && !folder.equals(root));
                return made ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                if (file.toString().endsWith(suffix)) {
                    files.add(file);
                }
                return FileVisitResult.CONTINUE;
            }
        });
        assertThat(files).hasSizeGreaterThan(10);
        return files;
    }
}
