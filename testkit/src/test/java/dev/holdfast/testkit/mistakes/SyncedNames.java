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

/** Opens a directory for a log and tells which names were there when the directory that holds them was synced. */
public final class SyncedNames implements Function<Path, Set<Path>> {
    private static final Set<Path> SYNCED = new TreeSet<>();

    public SyncedNames() {}

    /** Called by a core that was compiled for this. */
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
