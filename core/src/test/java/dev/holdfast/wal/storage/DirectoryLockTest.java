package dev.holdfast.wal.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.wal.LogLockedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DirectoryLockTest {
    private static final int RACES = 1000;

    @TempDir
    Path parent;

    Path directory;

    @BeforeEach
    void makeDirectory() throws IOException {
        directory = Files.createDirectory(parent.resolve("log"));
    }

    @Test
    void secondLockInOneProcessIsRefusedByAnyPath() throws IOException {
        Path link = Files.createSymbolicLink(parent.resolve("link"), directory);
        Path dotted = parent.resolve("log/../log/.");
        Path relative = Path.of("").toAbsolutePath().relativize(directory);
        try (DiskStorage first = locked(directory)) {
            for (Path way : new Path[] {directory, link, dotted, relative}) {
                try (DiskStorage second = DiskStorage.open(way)) {
                    assertThatThrownBy(second::lock)
                            .isInstanceOf(LogLockedException.class)
                            .hasMessageContaining(first.name())
                            .hasMessageContaining("this process: process")
                            .hasMessageContaining(
                                    "process " + ProcessHandle.current().pid() + " on host ")
                            .hasMessageContaining(" since 2");
                }
            }
        }
        locked(link).close();
    }

    @Test
    void directoryRenamedWhileLockedIsStillLocked() throws IOException {
        try (DiskStorage first = locked(directory)) {
            Path moved = Files.move(directory, parent.resolve("moved"));
            try (DiskStorage second = DiskStorage.open(moved)) {
                assertThat(first.name()).isNotEqualTo(second.name());
                assertThatThrownBy(second::lock).isInstanceOf(LogLockedException.class);
                assertThat(second.holder()).isPresent();
            }
        }
    }

    @Test
    void deletedDirectoryDoesNotLockALaterDirectoryWithItsInode() throws IOException {
        for (int i = 0; i < 20; i++) {
            Path lost = Files.createDirectory(parent.resolve("lost" + i));
            DiskStorage never = locked(lost);
            Files.delete(lost.resolve(Storage.LOCK_NAME));
            Files.delete(lost);
            Path next = Files.createDirectory(parent.resolve("next" + i));
            locked(next).close();
            never.close();
        }
    }

    @Test
    void closeReleasesTheLockAndErasesTheName() throws IOException {
        DiskStorage first = locked(directory);
        Path lock = directory.resolve(Storage.LOCK_NAME);
        assertThat(lock).content().contains("pid " + ProcessHandle.current().pid());
        first.close();
        assertThat(lock).content().isBlank();
        first.close();
        try (DiskStorage second = locked(directory)) {
            assertThat(second.holder()).isPresent();
            first.close();
            assertThatThrownBy(() -> locked(directory)).isInstanceOf(LogLockedException.class);
        }
    }

    @Test
    void anotherProcessIsRefusedWhileThisOneHoldsIt() throws IOException {
        try (LockingProcess other = LockingProcess.start()) {
            try (DiskStorage mine = locked(directory)) {
                // Asking for the holder must not open LOCK again: closing it would drop the kernel's lock.
                for (int i = 0; i < 10; i++) {
                    assertThat(mine.holder()).isPresent();
                    assertThatThrownBy(mine::lock).isInstanceOf(LogLockedException.class);
                }
                assertThat(other.lock(directory))
                        .startsWith("refused: " + directory.toRealPath())
                        .contains("process " + ProcessHandle.current().pid() + " on host ")
                        .doesNotContain("was lost");
            }
            assertThat(other.lock(directory)).isEqualTo("locked");
        }
    }

    @Test
    void hintsNeitherDropTheLockNorOutliveIt() throws IOException {
        byte[] hint = new byte[40];
        Arrays.fill(hint, (byte) 7);
        try (LockingProcess other = LockingProcess.start();
                DiskStorage reader = DiskStorage.openReadOnly(directory)) {
            assertThat(reader.hint().hasRemaining()).isFalse();
            DiskStorage mine = locked(directory);
            for (int i = 0; i < 10; i++) {
                mine.publish(hint);
                assertThat(mine.hint()).isEqualTo(ByteBuffer.wrap(hint)).isEqualTo(reader.hint());
                assertThat(other.lock(directory)).startsWith("refused: ").doesNotContain("was lost");
            }
            mine.close();
            assertThat(reader.holder()).isEmpty();
            assertThat(reader.hint().hasRemaining()).as("removed by its holder").isFalse();
            assertThat(other.lock(directory)).isEqualTo("locked");
            assertThatThrownBy(() -> mine.publish(hint)).isInstanceOf(IllegalStateException.class);
            assertThat(reader.hint().hasRemaining()).isFalse();
        }
    }

    @Test
    void newHolderRemovesTheHintOfAHolderThatWasKilled() throws IOException {
        try (DiskStorage before = locked(directory)) {
            before.publish(new byte[40]);
            assertThat(before.hint().remaining()).isEqualTo(40);
        }
        Files.write(directory.resolve(Storage.LOCK_NAME), new byte[40], StandardOpenOption.APPEND);
        try (DiskStorage reader = DiskStorage.openReadOnly(directory)) {
            assertThat(reader.hint().remaining()).isEqualTo(40);
        }
        try (DiskStorage next = locked(directory)) {
            assertThat(next.hint().hasRemaining()).isFalse();
        }
    }

    @Test
    void hintOfAReplacedLockIsNotWritten() throws IOException {
        Path lock = directory.resolve(Storage.LOCK_NAME);
        try (DiskStorage mine = locked(directory)) {
            Files.delete(lock);
            assertThatThrownBy(() -> mine.publish(new byte[40])).isInstanceOf(IOException.class);
            assertThat(lock).doesNotExist();
        }
    }

    @Test
    void lockOfAKilledProcessIsFree() throws IOException {
        try (LockingProcess other = LockingProcess.start();
                DiskStorage mine = DiskStorage.open(directory)) {
            assertThat(other.lock(directory)).isEqualTo("locked");
            assertThat(mine.holder())
                    .hasValueSatisfying(phrase -> assertThat(phrase)
                            .contains("process " + other.pid())
                            .doesNotContain("this very"));
            assertThatThrownBy(mine::lock)
                    .isInstanceOf(LogLockedException.class)
                    .hasMessageContaining("process " + other.pid());
            other.kill();
            assertThat(mine.holder()).isEmpty();
            mine.lock();
        }
    }

    @Test
    void holderThatLostTheKernelsLockIsStillRespected() throws IOException {
        try (LockingProcess other = LockingProcess.start()) {
            assertThat(other.lock(directory)).isEqualTo("locked");
            assertThat(other.touch(directory)).isEqualTo("touched");
            for (int i = 0; i < 3; i++) {
                assertThatThrownBy(() -> locked(directory))
                        .isInstanceOf(LogLockedException.class)
                        .hasMessageContaining("process " + other.pid())
                        .hasMessageContaining("was lost");
            }
            assertThat(other.release()).isEqualTo("released");
            locked(directory).close();

            assertThat(other.lock(directory)).isEqualTo("locked");
            assertThat(other.touch(directory)).isEqualTo("touched");
            other.kill();
            locked(directory).close();
        }
    }

    @Test
    void exactlyOneOfTwoRacingProcessesWins() throws IOException {
        try (LockingProcess one = LockingProcess.start();
                LockingProcess two = LockingProcess.start()) {
            int winsOfOne = 0;
            for (int round = 0; round < RACES; round++) {
                // Every second round uses a new directory, so the processes also race to create LOCK.
                Path place = round % 2 == 0 ? Files.createDirectory(parent.resolve("race" + round)) : directory;
                (round % 4 < 2 ? one : two).tell("lock " + place);
                (round % 4 < 2 ? two : one).tell("lock " + place);
                boolean oneWon = one.answer().equals("locked");
                boolean twoWon = two.answer().equals("locked");
                assertThat(oneWon).as("round %s", round).isNotEqualTo(twoWon);
                assertThat((oneWon ? one : two).release()).isEqualTo("released");
                if (oneWon) winsOfOne++;
            }
            System.out.println("exactlyOneOfTwoRacingProcessesWins: one won " + winsOfOne + " of " + RACES);
        }
    }

    @Test
    void exactlyOneOfManyRacingThreadsWins() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            for (int round = 0; round < 50; round++) {
                Path place = Files.createDirectory(parent.resolve("race" + round));
                List<Callable<Optional<DiskStorage>>> racers = Collections.nCopies(4, () -> lockedIfFree(place));
                List<DiskStorage> winners = new ArrayList<>();
                for (Future<Optional<DiskStorage>> racer : threads.invokeAll(racers)) {
                    racer.get().ifPresent(winners::add);
                }
                assertThat(winners).hasSize(1);
                winners.get(0).close();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    private static Optional<DiskStorage> lockedIfFree(Path directory) throws IOException {
        try {
            return Optional.of(locked(directory));
        } catch (LogLockedException e) {
            return Optional.empty();
        }
    }

    @Test
    void lockOfOtherCodeInThisProcessIsRespected() throws IOException {
        Path lock = directory.resolve(Storage.LOCK_NAME);
        try (FileChannel stranger = FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                DiskStorage mine = DiskStorage.open(directory)) {
            assertThat(stranger.lock()).isNotNull();
            assertThatThrownBy(mine::lock)
                    .isInstanceOf(LogLockedException.class)
                    .hasMessageContaining("has not written its name yet");
        }
        locked(directory).close();
    }

    @Test
    void endedHoldersAreIgnored() throws IOException {
        LockHolder here = LockHolder.here("");
        LockHolder earlier = with(here, here.pid(), "tick-1", here.machine(), here.namespace());
        LockHolder gone = with(here, "999999999", here.start(), here.machine(), here.namespace());
        LockHolder absurd = with(here, "-1;rm", here.start(), here.machine(), here.namespace());
        LockHolder beforeTheMachineStarted = with(here, here.pid(), here.start(), "elsewhere", here.namespace());
        LockHolder failedToGiveBack = here;
        for (LockHolder holder : new LockHolder[] {earlier, gone, absurd, beforeTheMachineStarted, failedToGiveBack}) {
            write(holder.text());
            try (DiskStorage mine = DiskStorage.open(directory)) {
                if (holder != failedToGiveBack) assertThat(mine.holder()).isEmpty();
                mine.lock();
                assertThat(directory.resolve(Storage.LOCK_NAME)).content().doesNotContain(holder.token());
            }
        }
    }

    @Test
    void holderInAnotherContainerIsNamedButBlocksNobody() throws IOException {
        LockHolder here = LockHolder.here("");
        write(with(here, "7", here.start(), here.machine(), "pid:[1]").text());
        try (DiskStorage mine = DiskStorage.open(directory)) {
            assertThat(mine.holder())
                    .hasValueSatisfying(
                            phrase -> assertThat(phrase).contains("process 7 on host", "another container"));
            mine.lock();
        }
    }

    @Test
    void nameInACopyOfLockIsIgnored() throws IOException {
        try (LockingProcess other = LockingProcess.start()) {
            assertThat(other.lock(directory)).isEqualTo("locked");
            Path copy = Files.createDirectory(parent.resolve("copy"));
            Files.copy(directory.resolve(Storage.LOCK_NAME), copy.resolve(Storage.LOCK_NAME));
            try (DiskStorage mine = DiskStorage.open(copy)) {
                assertThat(mine.holder()).isEmpty();
                mine.lock();
            }
            // The same holds if the copied text names this process.
            try (DiskStorage mine = locked(copy)) {
                Path second = Files.createDirectory(parent.resolve("second"));
                Files.copy(copy.resolve(Storage.LOCK_NAME), second.resolve(Storage.LOCK_NAME));
                locked(second).close();
                assertThat(mine.holder()).isPresent();
            }
            try (DiskStorage mine = DiskStorage.open(directory)) {
                assertThat(mine.holder()).isPresent();
            }
        }
    }

    /** LOCK was restored from a backup. Its holder may still have the directory open and write to it. */
    @Test
    void nameInALockReplacedInItsDirectoryIsRespected() throws IOException {
        try (LockingProcess other = LockingProcess.start()) {
            assertThat(other.lock(directory)).isEqualTo("locked");
            Path lock = directory.resolve(Storage.LOCK_NAME);
            Path backup = Files.copy(lock, parent.resolve("backup"));
            Files.move(backup, lock, StandardCopyOption.REPLACE_EXISTING);
            assertThatThrownBy(() -> locked(directory))
                    .isInstanceOf(LogLockedException.class)
                    .hasMessageContaining("process " + other.pid());
        }
    }

    /** After {@code cp -al}, LOCK and the segments are each one file with two names. */
    @Test
    void hardLinkedCopyIsLockedWithItsOriginal() throws IOException {
        try (LockingProcess other = LockingProcess.start()) {
            assertThat(other.lock(directory)).isEqualTo("locked");
            Path copy = Files.createDirectory(parent.resolve("copy"));
            Files.createLink(copy.resolve(Storage.LOCK_NAME), directory.resolve(Storage.LOCK_NAME));
            assertThatThrownBy(() -> locked(copy)).isInstanceOf(LogLockedException.class);
        }
    }

    @Test
    void renamedDirectoryIsStillHeldAfterTheKernelsLockIsLost() throws IOException {
        try (LockingProcess other = LockingProcess.start()) {
            assertThat(other.lock(directory)).isEqualTo("locked");
            assertThat(other.touch(directory)).isEqualTo("touched");
            Path moved = Files.move(directory, parent.resolve("moved"));
            assertThatThrownBy(() -> locked(moved)).isInstanceOf(LogLockedException.class);
        }
    }

    /** Such a name does not identify the LOCK file that it was written to, so it counts for any. */
    @Test
    void nameThatAnOlderVersionWroteIsRespected() throws IOException {
        try (LockingProcess other = LockingProcess.start()) {
            Path elsewhere = Files.createDirectory(parent.resolve("elsewhere"));
            assertThat(other.lock(elsewhere)).isEqualTo("locked");
            String text = Files.readString(elsewhere.resolve(Storage.LOCK_NAME));
            String older = text.replaceAll("token .*", "token 123e4567-e89b-42d3-a456-426614174000");
            assertThat(older).isNotEqualTo(text);
            Files.writeString(directory.resolve(Storage.LOCK_NAME), older);
            assertThatThrownBy(() -> locked(directory))
                    .isInstanceOf(LogLockedException.class)
                    .hasMessageContaining("process " + other.pid());
        }
    }

    @Test
    void textNamesItsFileAndFitsForAnyNumbers() throws IOException {
        String most = String.join(".", Collections.nCopies(3, Long.toUnsignedString(-1, Character.MAX_RADIX)));
        LockHolder holder = LockHolder.here(most);
        assertThat(LockHolder.parse(holder.text())).contains(holder);
        assertThat(holder.isOf(most)).isTrue();
        assertThat(holder.isOf("1.2.3")).isFalse();
        assertThat(holder.isOf("")).isTrue();
        try (DiskStorage mine = locked(directory)) {
            Object inode = Files.getAttribute(directory.resolve(Storage.LOCK_NAME), "unix:ino");
            assertThat(directory.resolve(Storage.LOCK_NAME))
                    .content()
                    .containsPattern(
                            "token [^.]+[.][^.]+[.]" + Long.toUnsignedString((Long) inode, 36) + "[.][^.]+\\n");
            assertThat(mine.holder()).isPresent();
        }
    }

    @Test
    void nameIsReadBack() {
        LockHolder here = LockHolder.here("");
        ByteBuffer text = here.text();
        assertThat(text.remaining()).isEqualTo(LockHolder.TEXT_BYTES);
        assertThat(LockHolder.parse(text)).contains(here);
        assertThat(here.liveness()).isEqualTo(LockHolder.Liveness.RUNS);
        assertThat(LockHolder.parse(LockHolder.nobody())).isEmpty();
    }

    @Test
    void garbageInLockIsIgnored() throws IOException {
        long seed = new Random().nextLong();
        System.out.println("garbageInLockIsIgnored: seed " + seed);
        Random random = new Random(seed);
        byte[] good = new byte[LockHolder.TEXT_BYTES];
        for (int round = 0; round < 300; round++) {
            byte[] garbage = new byte[round == 0 ? 10_000_000 : random.nextInt(2000)];
            if (round % 2 == 0) {
                random.nextBytes(garbage);
            } else {
                LockHolder.here("").text().get(good);
                garbage = good.clone();
                // Damages only the names of the values. Otherwise the text could name a running process by chance.
                garbage[random.nextInt(14)] = (byte) random.nextInt();
                if (Arrays.equals(garbage, good)) continue;
            }
            Files.write(directory.resolve(Storage.LOCK_NAME), garbage);
            try (DiskStorage mine = DiskStorage.open(directory)) {
                assertThat(mine.holder()).as("seed %s, round %s", seed, round).isEmpty();
                mine.lock();
                assertThat(Files.size(directory.resolve(Storage.LOCK_NAME))).isEqualTo(LockHolder.TEXT_BYTES);
            }
        }
    }

    @Test
    void lockThatIsNotARegularFileIsRefused() throws IOException {
        Path lock = directory.resolve(Storage.LOCK_NAME);
        Path target = Files.writeString(parent.resolve("target"), "untouched");
        Files.createSymbolicLink(lock, target);
        assertRefused("a symbolic link");
        Files.delete(lock);
        Files.createSymbolicLink(lock, parent.resolve("missing"));
        assertRefused("a symbolic link");
        Files.delete(lock);
        Files.createDirectory(lock);
        assertRefused("a directory");
        assertThat(target).hasContent("untouched");
        assertThat(parent.resolve("missing")).doesNotExist();
    }

    @Test
    void processStateIsReadForAnyProgramName() {
        String rest = " S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 4711 20 21\n";
        assertThat(Processes.startOf("12 (java)" + rest)).contains("tick-4711");
        assertThat(Processes.startOf("12 (a) Z (b) 1 )" + rest)).contains("tick-4711");
        assertThat(Processes.startOf("12 (killed)" + rest.replace(" S ", " Z ")))
                .isEmpty();
        assertThat(Processes.startOf("12 (cut) S 1 2")).isEmpty();
        assertThat(Processes.startOf("")).isEmpty();
    }

    private void assertRefused(String what) throws IOException {
        try (DiskStorage mine = DiskStorage.open(directory)) {
            assertThatThrownBy(mine::lock)
                    .isInstanceOf(FileSystemException.class)
                    .hasMessageContaining(what);
            assertThatThrownBy(mine::holder)
                    .isInstanceOf(FileSystemException.class)
                    .hasMessageContaining(what);
            assertThat(mine.list()).isEmpty();
        }
    }

    private void write(ByteBuffer text) throws IOException {
        Files.writeString(
                directory.resolve(Storage.LOCK_NAME),
                StandardCharsets.US_ASCII.decode(text).toString());
    }

    private static LockHolder with(LockHolder holder, String pid, String start, String machine, String namespace) {
        return new LockHolder(pid, start, machine, namespace, holder.host(), holder.since(), holder.token());
    }

    private static DiskStorage locked(Path directory) throws IOException {
        DiskStorage storage = DiskStorage.open(directory);
        try {
            storage.lock();
            return storage;
        } catch (IOException e) {
            storage.close();
            throw e;
        }
    }
}
