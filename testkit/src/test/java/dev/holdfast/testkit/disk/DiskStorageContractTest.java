package dev.holdfast.testkit.disk;

import dev.holdfast.wal.storage.DiskStorage;
import dev.holdfast.wal.storage.Storage;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs the storage contract tests against the real disk; {@link CrashDiskContractTest} runs them against the simulated
 * disk, {@link HeapStorageContractTest} against the storage in memory.
 */
class DiskStorageContractTest implements StorageContract {
    @TempDir
    Path directory;

    @Override
    public Storage newStorage() throws IOException {
        return DiskStorage.open(directory.resolve("log"));
    }
}
