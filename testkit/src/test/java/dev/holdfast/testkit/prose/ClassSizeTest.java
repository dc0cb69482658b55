package dev.holdfast.testkit.prose;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Checks that no Java file is too long for one duty, be it main code or a test. */
class ClassSizeTest {
    private static final int LINES = 500;

    @Test
    void noJavaFileHasMoreThan500Lines() throws IOException {
        Set<String> longer = new TreeSet<>();
        for (Path file : ProjectFiles.of(".java")) {
            if (Files.readString(file).lines().count() > LINES) {
                longer.add(String.valueOf(file.getFileName()));
            }
        }
        assertThat(longer).isEmpty();
    }
}
