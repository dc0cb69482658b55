package dev.holdfast.testkit.mistakes;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Checks which directories are synced when the directory of a log is created. The simulated disk has only one
 * directory, and a real disk does not report syncs, so the core is compiled with an extra line that records each sync.
 */
final class MadeDirectories implements Finder {
    private static final Patch NOTE =
            Patch.after("directory-sync", "dev.holdfast.testkit.mistakes.SyncedNames.note(path);");

    @Override
    public List<Patch> aids() {
        return List.of(NOTE);
    }

    @Override
    public Optional<Found> look(PatchedCore core) throws ReflectiveOperationException {
        try {
            check(core);
            return Optional.empty();
        } catch (AssertionError e) {
            return Optional.of(new Found("MadeDirectoriesTest", 0, e.getMessage()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Fails if a power failure could lose the name of a created directory. */
    static void check(PatchedCore core) throws IOException, ReflectiveOperationException {
        Path top = Files.createTempDirectory("made").toRealPath();
        try {
            Path log = top.resolve("a/b/log");
            Set<Path> synced = syncedNames(core, log);
            for (Path made = log; !made.equals(top); made = made.getParent()) {
                assertThat(synced.contains(made))
                        .as("the name of the created directory %s is synced", top.relativize(made))
                        .isTrue();
            }
            Path found = Files.createDirectory(top.resolve("found"));
            assertThat(syncedNames(core, found).contains(found))
                    .as("the name of an existing directory without a log is synced")
                    .isTrue();
            Path foreign = Files.createDirectory(top.resolve("foreign"));
            Files.createFile(foreign.resolve("LOCK"));
            assertThat(syncedNames(core, foreign.resolve("log")).contains(foreign))
                    .as("the name of an existing directory above the log is synced, even if it contains another LOCK")
                    .isTrue();
        } finally {
            delete(top);
        }
    }

    private static Set<Path> syncedNames(PatchedCore core, Path directory) throws ReflectiveOperationException {
        Function<Path, Set<Path>> opening = core.make(SyncedNames.class.getName());
        return new TreeSet<>(opening.apply(directory));
    }

    private static void delete(Path top) throws IOException {
        try (Stream<Path> files = Files.walk(top)) {
            for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
                Files.delete(file);
            }
        }
    }
}
