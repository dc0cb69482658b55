package dev.holdfast.testkit.file;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testkit.disk.CrashDisk;
import dev.holdfast.wal.inspect.Inspector;
import dev.holdfast.wal.storage.ForwardingStorage;
import dev.holdfast.wal.storage.ReadableFile;
import dev.holdfast.wal.storage.Storage;
import dev.holdfast.wal.storage.StoredFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/**
 * An inspector opens a file by name. Before the inspector reads the file, the writer recycles it for another segment.
 * The inspector must not report damage.
 */
class InspectorBesideAWriterTest {
    private static final int HEADER_BYTES = 512;
    private static final int RECORDS_OF_A_SEGMENT = 1;

    private final CrashDisk disk = new CrashDisk();

    @Test
    void recycledFileIsNotReportedAsDamage() throws IOException {
        SimulatedLog writer = SimulatedLog.open(disk);
        Expected expected = new Expected();
        for (int i = 0; i < 20; i++) {
            expected.append(writer.log(), 2000);
        }
        String oldest = disk.process().list().stream()
                .map(StoredFile::name)
                .filter(name -> name.endsWith(".seg"))
                .min(String::compareTo)
                .orElseThrow();
        Storage storage = beforeTheFirstReadOf(oldest, file -> {
            ByteBuffer before = header(file);
            expected.trim(writer.log(), RECORDS_OF_A_SEGMENT);
            while (header(file).equals(before)) {
                expected.append(writer.log(), 2000);
            }
        });
        assertThat(new Inspector(storage).look().damages()).isEmpty();
    }

    private interface Meanwhile {
        void happens(ReadableFile file) throws IOException;
    }

    private Storage beforeTheFirstReadOf(String name, Meanwhile meanwhile) {
        return new ForwardingStorage(disk.process()) {
            private boolean happened;

            @Override
            public ReadableFile openForReading(String opened) throws IOException {
                ReadableFile file = super.openForReading(opened);
                if (opened.equals(name) && !happened) {
                    happened = true;
                    meanwhile.happens(file);
                }
                return file;
            }
        };
    }

    private static ByteBuffer header(ReadableFile file) throws IOException {
        ByteBuffer header = ByteBuffer.allocateDirect(HEADER_BYTES);
        file.read(0, header);
        return header.flip();
    }
}
