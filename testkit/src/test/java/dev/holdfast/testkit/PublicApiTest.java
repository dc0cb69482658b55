package dev.holdfast.testkit;

import dev.holdfast.testkit.disk.CrashDisk;
import dev.holdfast.testkit.explorer.Explorer;
import dev.holdfast.testkit.project.PublicApi;
import dev.holdfast.wal.Log;
import dev.holdfast.wal.file.FileLog;
import dev.holdfast.wal.memory.MemoryLog;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class PublicApiTest {
    @Test
    void apiOfTheLogIsTheCommittedOne() throws IOException {
        PublicApi.assertListed("docs/api/holdfast-wal.txt", Log.class, MemoryLog.class, FileLog.class);
    }

    @Test
    void apiOfTheTestkitIsTheCommittedOne() throws IOException {
        PublicApi.assertListed("docs/api/holdfast-testkit.txt", LogContract.class, CrashDisk.class, Explorer.class);
    }
}
