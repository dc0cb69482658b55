package dev.holdfast.wal.store;

import dev.holdfast.testkit.project.PublicApi;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class PublicApiTest {
    @Test
    void apiIsTheCommittedOne() throws IOException {
        PublicApi.assertListed("docs/api/holdfast-store.txt", LogStore.class);
    }
}
