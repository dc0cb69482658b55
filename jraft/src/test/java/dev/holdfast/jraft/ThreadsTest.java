package dev.holdfast.jraft;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Checks the number of threads, which matters if one process has many groups. */
class ThreadsTest {
    @TempDir
    Path parent;

    @Test
    void storageHasNoWriterAndNoCompletionThread() {
        Path path = parent.resolve("log");
        Set<Thread> before = Thread.getAllStackTraces().keySet();
        try (StorageUnderTest storage = new StorageUnderTest(new HoldfastServiceFactory(64 << 10), path)) {
            for (long index = 1; index < 100; index += 4) {
                storage.append(Entries.configuration(index, 1, 8081));
                storage.append(Entries.range(index + 1, index + 2, 1));
                storage.append(Entries.data(index + 3, 1, 1_100_000));
            }
            storage.get().truncatePrefix(50);
            storage.get().truncateSuffix(90);
            storage.get().reset(200);
            List<String> threads = Thread.getAllStackTraces().keySet().stream()
                    .filter(thread -> !before.contains(thread))
                    .map(Thread::getName)
                    .filter(name -> name.startsWith("holdfast-"))
                    .toList();
            // One timer and two threads for idle markers, and one maintainer for each of entries, notes and pieces.
            assertThat(threads)
                    .hasSizeLessThanOrEqualTo(6)
                    .allMatch(name ->
                            name.endsWith("-timer") || name.endsWith("-idle-marker") || name.endsWith("-maintainer"));
        }
    }
}
