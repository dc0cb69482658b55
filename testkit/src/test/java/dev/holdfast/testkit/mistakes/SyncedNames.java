package dev.holdfast.testkit.mistakes;

import dev.holdfast.wal.storage.DiskStorage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Stream;

/** Opens a directory for a log and returns the names that existed when their parent directory was synced. */
public final class SyncedNames implements Function<Path, Set<Path>> {
    private static final Set<Path> SYNCED = new TreeSet<>();

    public SyncedNames() {}

    /** Records a sync. Called by the patched core. */
    public static void note(Path directory) throws IOException {
        try (Stream<Path> names = Files.list(directory)) {
            names.forEach(SYNCED::add);
        }
    }

    @Override
    public Set<Path> apply(Path directory) {
        SYNCED.clear();
        try {
            DiskStorage.open(directory).close();
            return Set.copyOf(SYNCED);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
