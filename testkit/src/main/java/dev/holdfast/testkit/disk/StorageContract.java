package dev.holdfast.testkit.disk;

import static dev.holdfast.testkit.disk.FileContents.bytes;
import static dev.holdfast.testkit.disk.FileContents.content;
import static dev.holdfast.testkit.disk.FileContents.contentBytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.wal.LogLockedException;
import dev.holdfast.wal.storage.ReadableFile;
import dev.holdfast.wal.storage.Storage;
import dev.holdfast.wal.storage.StoredFile;
import dev.holdfast.wal.storage.WritableFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Contract tests for every {@link Storage}. They cause no disk failure and no power failure, because only a simulated
 * storage can test which bytes a power failure loses.
 */
public interface StorageContract {
    /** Creates an empty directory that is not locked. */
    Storage newStorage() throws IOException;

    @Test
    default void newDirectoryHasANameAndNoFiles() throws IOException {
        try (Storage storage = newStorage()) {
            assertThat(storage.name()).isNotBlank();
            assertThat(storage.list()).isEmpty();
        }
    }

    @Test
    default void createdFileIsListedAtOnceEmptyAndRegular() throws IOException {
        try (Storage storage = newStorage();
                WritableFile file = storage.create("a")) {
            assertThat(file).isNotNull();
            assertThat(storage.list()).containsExactly(new StoredFile("a", 0, 1, true));
        }
    }

    @Test
    default void createRefusesANameThatExists() throws IOException {
        try (Storage storage = newStorage()) {
            FileContents.create(storage, "a", "first");
            assertThatThrownBy(() -> storage.create("a")).isInstanceOf(FileAlreadyExistsException.class);
            assertThat(content(storage, "a")).isEqualTo("first");
        }
    }

    @Test
    default void openingAMissingFileFailsAndCreatesNone() throws IOException {
        try (Storage storage = newStorage()) {
            assertThatThrownBy(() -> storage.openForReading("a")).isInstanceOf(NoSuchFileException.class);
            assertThatThrownBy(() -> storage.openForWriting("a")).isInstanceOf(NoSuchFileException.class);
            assertThat(storage.list()).isEmpty();
        }
    }

    @Test
    default void listReturnsNamesAndLengths() throws IOException {
        try (Storage storage = newStorage()) {
            FileContents.create(storage, "a", "");
            FileContents.create(storage, "b.tmp", "four");
            FileContents.create(storage, "c", "nine char");
            assertThat(storage.list())
                    .containsExactlyInAnyOrder(
                            new StoredFile("a", 0, 1, true),
                            new StoredFile("b.tmp", 4, 1, true),
                            new StoredFile("c", 9, 1, true));
        }
    }

    /**
     * A stamp identifies the names of a directory. A storage may return no stamp, but never returns the same stamp
     * after a change of names.
     */
    @Test
    default void namesStampDiffersAfterEachChange() throws IOException {
        try (Storage storage = newStorage()) {
            Set<Object> stamps = new HashSet<>();
            storage.namesStamp().ifPresent(stamps::add);
            FileContents.create(storage, "a", "one");
            assertThat(storage.namesStamp().filter(stamps::contains)).isEmpty();
            storage.namesStamp().ifPresent(stamps::add);
            storage.rename("a", "b");
            assertThat(storage.namesStamp().filter(stamps::contains)).isEmpty();
            storage.namesStamp().ifPresent(stamps::add);
            storage.rename("b", "a");
            assertThat(storage.namesStamp().filter(stamps::contains)).isEmpty();
            storage.namesStamp().ifPresent(stamps::add);
            storage.delete("a");
            assertThat(storage.namesStamp().filter(stamps::contains)).isEmpty();
        }
    }

    @Test
    default void identityBelongsToTheFileNotToItsName() throws IOException {
        try (Storage storage = newStorage()) {
            assertThat(storage.identity("a")).isEmpty();
            FileContents.create(storage, "a", "one");
            FileContents.create(storage, "b", "one");
            Optional<Object> a = storage.identity("a");
            assertThat(storage.identity("a")).isEqualTo(a);
            assertThat(a).isPresent().isNotEqualTo(storage.identity("b"));
            storage.rename("a", "c");
            storage.rename("b", "a");
            assertThat(storage.identity("c")).isEqualTo(a);
            assertThat(storage.identity("a")).isPresent().isNotEqualTo(a);
        }
    }

    @Test
    default void writtenBytesAreReadBackSyncedOrNot() throws IOException {
        try (Storage storage = newStorage()) {
            try (WritableFile file = storage.create("a")) {
                file.write(0, bytes("0123456789"), 0, 10);
                file.writeSynced(3, bytes("xabcx"), 1, 3);
                assertThat(content(storage, "a")).isEqualTo("012abc6789");
                file.write(8, bytes("YZ!"), 0, 3);
                assertThat(content(storage, "a")).isEqualTo("012abc67YZ!");
                file.sync();
            }
            assertThat(content(storage, "a")).isEqualTo("012abc67YZ!");
        }
    }

    @Test
    default void openedFileIsWrittenInPlace() throws IOException {
        try (Storage storage = newStorage()) {
            FileContents.create(storage, "a", "0123456789");
            try (WritableFile file = storage.openForWriting("a")) {
                file.writeSynced(2, bytes("AB"), 0, 2);
            }
            try (WritableFile file = storage.openForWriting("a")) {
                file.write(6, bytes("CD"), 0, 2);
            }
            assertThat(content(storage, "a")).isEqualTo("01AB45CD89");
        }
    }

    @Test
    default void gapBeforeAWriteBeyondTheEndReadsAsZeros() throws IOException {
        try (Storage storage = newStorage()) {
            try (WritableFile file = storage.create("a")) {
                file.write(10_000, bytes("x"), 0, 1);
                file.writeSynced(20_000, bytes("y"), 0, 1);
            }
            byte[] expected = new byte[20_001];
            expected[10_000] = 'x';
            expected[20_000] = 'y';
            assertThat(contentBytes(storage, "a")).isEqualTo(expected);
        }
    }

    @Test
    default void emptyWriteChangesNothing() throws IOException {
        try (Storage storage = newStorage()) {
            try (WritableFile file = storage.create("a")) {
                file.write(5, new byte[3], 1, 0);
                file.writeSynced(7, new byte[3], 3, 0);
                file.sync();
            }
            assertThat(storage.list()).containsExactly(new StoredFile("a", 0, 1, true));
        }
    }

    @Test
    default void bytesAreCopiedDuringTheCall() throws IOException {
        try (Storage storage = newStorage()) {
            try (WritableFile file = storage.create("a")) {
                byte[] mine = bytes("before");
                file.write(0, mine, 0, 6);
                file.writeSynced(6, mine, 0, 6);
                Arrays.fill(mine, (byte) 'x');
            }
            assertThat(content(storage, "a")).isEqualTo("beforebefore");
        }
    }

    @Test
    default void randomWritesAreReadBack() throws IOException {
        long seed = new Random().nextLong();
        System.out.println("randomWritesAreReadBack: seed " + seed);
        Random random = new Random(seed);
        byte[] expected = new byte[300_000];
        int length = 0;
        try (Storage storage = newStorage();
                WritableFile file = storage.create("a");
                ReadableFile reader = storage.openForReading("a")) {
            for (int i = 0; i < 300; i++) {
                byte[] source = new byte[random.nextInt(30_000) + 1];
                random.nextBytes(source);
                int from = random.nextInt(source.length);
                int count = random.nextInt(source.length - from + 1);
                // Half of the writes append at the end of the file.
                int offset = random.nextBoolean() ? length : random.nextInt(expected.length);
                count = Math.min(count, expected.length - offset);
                if (random.nextBoolean()) {
                    file.write(offset, source, from, count);
                } else {
                    file.writeSynced(offset, source, from, count);
                }
                System.arraycopy(source, from, expected, offset, count);
                if (count > 0) length = Math.max(length, offset + count);

                assertThat(reader.length()).as("seed %s, write %s", seed, i).isEqualTo(length);
                int at = random.nextInt(length + 10);
                ByteBuffer into = ByteBuffer.allocateDirect(random.nextInt(40_000) + 1);
                int end = Math.min(length, at + into.remaining());
                assertThat(reader.read(at, into))
                        .as("seed %s, write %s", seed, i)
                        .isEqualTo(Math.max(0, end - at));
                assertThat(bytes(into.flip()))
                        .as("seed %s, write %s", seed, i)
                        .isEqualTo(at < end ? Arrays.copyOfRange(expected, at, end) : new byte[0]);
            }
        }
    }

    @Test
    default void writeOfManyMegabytesIsReadBack() throws IOException {
        byte[] large = new byte[(9 << 20) + 7];
        new Random(7).nextBytes(large);
        try (Storage storage = newStorage()) {
            try (WritableFile file = storage.create("a")) {
                file.write(3, large, 0, large.length);
            }
            try (WritableFile file = storage.create("b")) {
                file.writeSynced(3, large, 0, large.length);
            }
            for (String name : List.of("a", "b")) {
                byte[] read = contentBytes(storage, name);
                assertThat(read).hasSize(large.length + 3);
                assertThat(Arrays.equals(read, 3, read.length, large, 0, large.length))
                        .isTrue();
            }
        }
    }

    @Test
    default void readFillsTheBufferUnlessTheFileEnds() throws IOException {
        try (Storage storage = newStorage()) {
            FileContents.create(storage, "a", "0123456789");
            try (ReadableFile file = storage.openForReading("a")) {
                ByteBuffer into = ByteBuffer.allocateDirect(8).position(2).limit(6);
                assertThat(file.read(1, into)).isEqualTo(4);
                assertThat(into.position()).isEqualTo(6);
                assertThat(into.limit()).isEqualTo(6);
                assertThat(bytes(into.position(2))).isEqualTo(bytes("1234"));

                ByteBuffer last = ByteBuffer.allocateDirect(8);
                assertThat(file.read(7, last)).isEqualTo(3);
                assertThat(last.position()).isEqualTo(3);
                assertThat(bytes(last.flip())).isEqualTo(bytes("789"));

                assertThat(file.read(10, last.clear())).isZero();
                assertThat(file.read(1L << 40, last)).isZero();
                assertThat(last.position()).isZero();
                assertThat(file.read(0, last.limit(0))).isZero();
            }
        }
    }

    @Test
    default void readerSeesWhatIsWrittenAfterItWasOpened() throws IOException {
        try (Storage storage = newStorage();
                WritableFile file = storage.create("a");
                ReadableFile reader = storage.openForReading("a")) {
            assertThat(reader.length()).isZero();
            file.write(0, bytes("abc"), 0, 3);
            assertThat(reader.length()).isEqualTo(3);
            assertThat(content(reader)).isEqualTo("abc");
            file.writeSynced(1, bytes("XYZ"), 0, 3);
            assertThat(content(reader)).isEqualTo("aXYZ");
        }
    }

    @Test
    default void renameKeepsTheBytes() throws IOException {
        try (Storage storage = newStorage()) {
            FileContents.create(storage, "a", "text");
            storage.rename("a", "b");
            storage.sync();
            assertThat(storage.list()).containsExactly(new StoredFile("b", 4, 1, true));
            assertThat(content(storage, "b")).isEqualTo("text");
            assertThatThrownBy(() -> storage.openForReading("a")).isInstanceOf(NoSuchFileException.class);
        }
    }

    @Test
    default void fileIsFoundByItsCurrentName() throws IOException {
        try (Storage storage = newStorage()) {
            storage.lock();
            FileContents.create(storage, "a", "text");
            assertThat(storage.find("a")).contains(new StoredFile("a", 4, 1, true));
            storage.rename("a", "b");
            assertThat(storage.find("a")).isEmpty();
            assertThat(storage.find("b")).contains(new StoredFile("b", 4, 1, true));
            assertThat(storage.find(Storage.LOCK_NAME)).isEmpty();
            storage.delete("b");
            assertThat(storage.find("b")).isEmpty();
        }
    }

    @Test
    default void renameDoesNotReplaceAFile() throws IOException {
        try (Storage storage = newStorage()) {
            FileContents.create(storage, "a", "one");
            FileContents.create(storage, "b", "two");
            assertThatThrownBy(() -> storage.rename("a", "b")).isInstanceOf(FileAlreadyExistsException.class);
            assertThat(content(storage, "a")).isEqualTo("one");
            assertThat(content(storage, "b")).isEqualTo("two");
        }
    }

    @Test
    default void renameAndDeleteRefuseAMissingFile() throws IOException {
        try (Storage storage = newStorage()) {
            assertThatThrownBy(() -> storage.rename("a", "b")).isInstanceOf(NoSuchFileException.class);
            assertThatThrownBy(() -> storage.delete("a")).isInstanceOf(NoSuchFileException.class);
        }
    }

    @Test
    default void writerContinuesAfterARename() throws IOException {
        try (Storage storage = newStorage();
                WritableFile one = storage.create("a");
                WritableFile other = storage.create("b")) {
            one.writeSynced(0, bytes("12"), 0, 2);
            storage.rename("a", "c");
            FileContents.create(storage, "a", "a stranger");
            one.write(2, bytes("34"), 0, 2);
            one.writeSynced(4, bytes("56"), 0, 2);
            other.write(0, bytes("x"), 0, 1);
            storage.rename("b", "d");
            storage.rename("d", "e");
            other.writeSynced(1, bytes("y"), 0, 1);
            other.write(2, bytes("z"), 0, 1);
            other.sync();
            assertThat(content(storage, "c")).isEqualTo("123456");
            assertThat(content(storage, "e")).isEqualTo("xyz");
            assertThat(content(storage, "a")).isEqualTo("a stranger");
        }
    }

    @Test
    default void deletedNameCanBeUsedAgain() throws IOException {
        try (Storage storage = newStorage()) {
            FileContents.create(storage, "a", "one");
            storage.delete("a");
            assertThat(storage.list()).isEmpty();
            FileContents.create(storage, "a", "two");
            assertThat(content(storage, "a")).isEqualTo("two");
        }
    }

    @Test
    default void openFileStaysReadableAfterDeleteAndRename() throws IOException {
        try (Storage storage = newStorage()) {
            FileContents.create(storage, "a", "deleted");
            FileContents.create(storage, "b", "renamed");
            try (ReadableFile deleted = storage.openForReading("a");
                    ReadableFile renamed = storage.openForReading("b")) {
                storage.delete("a");
                storage.rename("b", "c");
                FileContents.create(storage, "a", "another");
                FileContents.create(storage, "b", "another");
                storage.sync();
                Thread.currentThread().interrupt();
                assertThat(content(deleted)).isEqualTo("deleted");
                assertThat(content(renamed)).isEqualTo("renamed");
                assertThat(Thread.interrupted()).isTrue();
                assertThat(content(deleted)).isEqualTo("deleted");
                assertThat(content(renamed)).isEqualTo("renamed");
            }
        }
    }

    @Test
    default void everyCallWorksInAnInterruptedThreadAndKeepsTheFlag() throws IOException {
        Thread.currentThread().interrupt();
        try {
            useAll();
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
        } finally {
            Thread.interrupted();
        }
    }

    private void useAll() throws IOException {
        try (Storage storage = newStorage()) {
            storage.lock();
            assertThat(storage.holder()).isPresent();
            try (WritableFile file = storage.create("a")) {
                file.write(0, bytes("plain"), 0, 5);
                file.writeSynced(5, bytes("synced"), 0, 6);
                file.sync();
            }
            try (WritableFile file = storage.openForWriting("a")) {
                file.write(11, bytes("!"), 0, 1);
            }
            storage.rename("a", "b");
            FileContents.create(storage, "c", "deleted later");
            try (ReadableFile file = storage.openForReading("b")) {
                assertThat(file.length()).isEqualTo(12);
                assertThat(content(file)).isEqualTo("plainsynced!");
            }
            storage.delete("c");
            storage.sync();
            assertThat(storage.list()).containsExactly(new StoredFile("b", 12, 1, true));
        }
    }

    @Test
    default void secondLockIsRefusedAndNamesTheHolder() throws IOException {
        try (Storage storage = newStorage()) {
            assertThat(storage.holder()).isEmpty();
            storage.lock();
            String holder = storage.holder().orElseThrow();
            assertThatThrownBy(storage::lock)
                    .isInstanceOf(LogLockedException.class)
                    .hasMessageContaining(storage.name())
                    .hasMessageContaining(holder);
        }
    }

    @Test
    default void hintIsReadAsItWasPublished() throws IOException {
        try (Storage storage = newStorage()) {
            storage.lock();
            assertThat(storage.hint().hasRemaining()).isFalse();
            for (byte fill = 1; fill < 3; fill++) {
                byte[] hint = new byte[40];
                Arrays.fill(hint, fill);
                storage.publish(hint);
                assertThat(storage.hint()).isEqualTo(ByteBuffer.wrap(hint));
            }
        }
    }

    @Test
    default void lockFileIsNotListed() throws IOException {
        try (Storage storage = newStorage()) {
            storage.lock();
            FileContents.create(storage, "a", "");
            assertThat(storage.list()).containsExactly(new StoredFile("a", 0, 1, true));
        }
    }

    @Test
    default void openFilesStayUsableAfterTheStorageIsClosed() throws IOException {
        Storage storage = newStorage();
        WritableFile file = storage.create("a");
        ReadableFile reader = storage.openForReading("a");
        storage.close();
        file.write(0, bytes("abc"), 0, 3);
        file.writeSynced(3, bytes("def"), 0, 3);
        file.sync();
        assertThat(content(reader)).isEqualTo("abcdef");
        file.close();
        reader.close();
    }

    @Test
    default void closingTwiceIsAllowed() throws IOException {
        Storage storage = newStorage();
        storage.lock();
        storage.close();
        storage.close();
    }
}
