package dev.holdfast.bench.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThatCode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournaledDiskTest {
    private static final long BYTES = 32L << 20;

    @TempDir
    private Path parent;

    @AfterEach
    void unmount() throws Exception {
        JournaledDisk.unmount(parent);
    }

    @Test
    void diskIsAFileSystemOfItsOwnUntilItIsUnmounted() throws Exception {
        assumeThatCode(() -> JournaledDisk.mount(parent, BYTES))
                .as("a mount, which needs root")
                .doesNotThrowAnyException();
        Path disk = JournaledDisk.in(parent);
        Files.writeString(disk.resolve("file"), "text");

        assertThat(device(disk)).isNotEqualTo(device(parent));
        assertThat(Files.getFileStore(disk).type()).isEqualTo("ext4");

        JournaledDisk.unmount(parent);

        assertThat(device(disk)).isEqualTo(device(parent));
        assertThat(disk).isEmptyDirectory();
    }

    @Test
    void unmountingWithoutAMountDoesNothing() throws Exception {
        JournaledDisk.unmount(parent);

        assertThat(parent).isEmptyDirectory();
    }

    private static Object device(Path path) throws IOException {
        return Files.getAttribute(path, "unix:dev");
    }
}
