package dev.holdfast.testkit.mistakes;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class MadeDirectoriesTest {
    @Test
    void createdDirectoriesAreSyncedInTheirParents() throws IOException, ReflectiveOperationException {
        MadeDirectories.check(PatchedCore.with(List.of(), new MadeDirectories().aids()));
    }
}
