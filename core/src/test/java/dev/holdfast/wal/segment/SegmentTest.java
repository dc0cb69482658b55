package dev.holdfast.wal.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.wal.storage.ReadableFile;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SegmentTest {
    private final TestSegment test;
    private final int openFiles;

    SegmentTest() throws IOException {
        test = new TestSegment(8192);
        openFiles = test.storage.openFiles();
    }

    private int opened() {
        return test.storage.openFiles() - openFiles;
    }

    @Test
    void readersShareOneFileThatTheLastCloses() throws IOException {
        ReadableFile file = test.segment.acquire();
        assertThat(test.segment.acquire()).isSameAs(file);
        assertThat(opened()).isOne();
        test.segment.release();
        assertThat(opened()).isOne();
        test.segment.release();
        assertThat(opened()).isZero();
    }

    @Test
    void fileIsOpenedAgainForTheNextReader() throws IOException {
        ReadableFile file = test.segment.acquire();
        test.segment.release();
        assertThat(test.segment.acquire()).isNotSameAs(file);
        test.segment.release();
        assertThat(opened()).isZero();
    }

    @Test
    void readerThatCannotOpenTheFileIsNotCounted() throws IOException {
        byte[] bytes = test.bytes();
        test.storage.delete(test.segment.fileName());
        assertThatThrownBy(test.segment::acquire).isInstanceOf(NoSuchFileException.class);
        test.storage.put(test.segment.fileName(), bytes);
        test.segment.acquire();
        test.segment.release();
        assertThat(opened()).isZero();
    }

    @Test
    void fileKeptOpenServesTheNextReaderUntilItMayClose() throws IOException {
        ReadableFile file = test.segment.acquire();
        test.segment.keepOpen(() -> {});
        test.segment.release();
        assertThat(opened()).isOne();
        assertThat(test.segment.acquire()).isSameAs(file);
        test.segment.letClose();
        assertThat(opened()).isOne();
        test.segment.release();
        assertThat(opened()).isZero();
        test.segment.acquire();
        test.segment.keepOpen(() -> {});
        test.segment.release();
        test.segment.letClose();
        assertThat(opened()).isZero();
    }

    @Test
    void fileOfARemovedSegmentIsNotKeptOpen() throws IOException {
        test.segment.acquire();
        test.segment.keepOpen(() -> {});
        test.segment.release();
        test.segment.removed();
        assertThat(opened()).isZero();
        test.segment.acquire();
        test.segment.removed();
        test.segment.keepOpen(() -> {});
        assertThat(opened()).isOne();
        test.segment.release();
        assertThat(opened()).isZero();
    }

    @Test
    void failedOpenReleasesTheLock() throws IOException {
        test.storage.delete(test.segment.fileName());
        assertThatThrownBy(test.segment::acquire).isInstanceOf(NoSuchFileException.class);
        CompletableFuture.runAsync(
                        () -> assertThatThrownBy(test.segment::acquire).isInstanceOf(NoSuchFileException.class))
                .join();
    }

    @Test
    void readersOnOtherThreadsShareTheFile() throws IOException {
        test.segment.acquire();
        CompletableFuture.runAsync(() -> {
                    try {
                        test.segment.acquire();
                        test.segment.release();
                    } catch (IOException e) {
                        throw new AssertionError(e);
                    }
                })
                .join();
        test.segment.release();
        CompletableFuture.runAsync(() -> {
                    try {
                        test.segment.acquire();
                        test.segment.release();
                    } catch (IOException e) {
                        throw new AssertionError(e);
                    }
                })
                .join();
        assertThat(opened()).isZero();
        assertThat(test.segment.fileName()).isEqualTo("00000005-0000000000000064.seg");
    }
}
