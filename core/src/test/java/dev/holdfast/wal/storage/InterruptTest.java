package dev.holdfast.wal.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Interrupts threads at any moment in any call. No interrupt is lost, and no interrupt changes the result of a call, in
 * this thread or in another.
 */
class InterruptTest {
    private static final int BLOCK = 4096;
    private static final int BLOCKS = 64;

    @TempDir
    Path directory;

    @Test
    void interruptsAffectNoCallAndAreNotLost() throws Exception {
        long seed = new Random().nextLong();
        System.out.println("interruptsAffectNoCallAndAreNotLost: seed " + seed);
        try (DiskStorage storage = DiskStorage.open(directory.resolve("log"));
                WritableFile writer = storage.create("shared");
                WritableFile alone = storage.create("alone")) {
            for (int block = 0; block < BLOCKS; block++) {
                writer.write((long) block * BLOCK, block(block, 0), 0, BLOCK);
            }
            Path other = directory.resolve("locked");
            ReadableFile reader = storage.openForReading("shared");
            storage.delete("shared");
            List<Worker> workers = new ArrayList<>(List.of(
                    new Worker("writes", 500, new Random(seed), random -> rewrite(writer, reader, random)),
                    new Worker("syncs", 300, new Random(seed + 1), random -> writeAlone(storage, alone, random)),
                    new Worker("names", 200, new Random(seed + 2), random -> useNames(storage)),
                    new Worker("locks", 300, new Random(seed + 3), random -> lockAndUnlock(other))));
            for (int i = 0; i < 2; i++) {
                ByteBuffer into = ByteBuffer.allocateDirect(BLOCKS * BLOCK);
                workers.add(new Worker("reads", 500, new Random(seed + 4 + i), random -> read(reader, into, random)));
            }
            workers.forEach(Thread::start);
            for (boolean more = true; more; ) {
                more = false;
                for (Worker worker : workers) {
                    if (worker.interruptedAgain()) more = true;
                }
                Thread.yield();
            }
            for (Worker worker : workers) {
                worker.join();
            }
            for (Worker worker : workers) {
                if (worker.failure != null) throw new AssertionError(worker.getName(), worker.failure);
                assertThat(worker.seen).as(worker.getName()).isEqualTo(worker.interrupts);
            }
            reader.close();
        }
    }

    private static void rewrite(WritableFile writer, ReadableFile reader, Random random) throws IOException {
        int block = random.nextInt(BLOCKS);
        writer.write((long) block * BLOCK, block(block, random.nextInt(100)), 0, BLOCK);
        assertThat(reader.length()).isEqualTo((long) BLOCKS * BLOCK);
    }

    private static void read(ReadableFile reader, ByteBuffer into, Random random) throws IOException {
        int first = random.nextInt(BLOCKS);
        int count = 1 + random.nextInt(BLOCKS - first);
        into.clear().limit(count * BLOCK);
        assertThat(reader.read((long) first * BLOCK, into)).isEqualTo(count * BLOCK);
        for (int i = 0; i < count; i++) {
            // A concurrent write may change a block, except for its first and last byte: these are always its
            // number.
            assertThat(into.get(i * BLOCK)).isEqualTo((byte) (first + i));
            assertThat(into.get((i + 1) * BLOCK - 1)).isEqualTo((byte) (first + i));
        }
    }

    private static void writeAlone(Storage storage, WritableFile alone, Random random) throws IOException {
        int block = random.nextInt(BLOCKS);
        int version = random.nextInt(100);
        if (random.nextInt(50) == 0) alone.sync();
        if (random.nextInt(10) == 0) {
            alone.writeSynced((long) block * BLOCK, block(block, version), 0, BLOCK);
        } else {
            alone.write((long) block * BLOCK, block(block, version), 0, BLOCK);
        }
        try (ReadableFile reader = storage.openForReading("alone")) {
            ByteBuffer into = ByteBuffer.allocateDirect(BLOCK);
            assertThat(reader.read((long) block * BLOCK, into)).isEqualTo(BLOCK);
            assertThat(into.flip()).isEqualTo(ByteBuffer.wrap(block(block, version)));
        }
    }

    private static void useNames(Storage storage) throws IOException {
        storage.create("one").close();
        storage.rename("one", "two");
        storage.sync();
        try (WritableFile file = storage.openForWriting("two")) {
            file.write(0, new byte[10], 0, 10);
        }
        assertThat(storage.list()).contains(new StoredFile("two", 10, 1, true));
        storage.delete("two");
        storage.sync();
    }

    private static void lockAndUnlock(Path path) throws IOException {
        try (DiskStorage storage = DiskStorage.open(path)) {
            assertThat(storage.holder()).isEmpty();
            storage.lock();
            assertThat(storage.holder()).isPresent();
        }
    }

    /** Returns a block with its number as first and last byte and a version in between. */
    private static byte[] block(int number, int version) {
        byte[] bytes = new byte[BLOCK];
        Arrays.fill(bytes, (byte) version);
        bytes[0] = (byte) number;
        bytes[BLOCK - 1] = (byte) number;
        return bytes;
    }

    private interface Work {
        void once(Random random) throws IOException;
    }

    /**
     * Runs until it has received its number of interrupts. Each interrupt is sent after the previous one was received.
     */
    private static final class Worker extends Thread {
        final int interrupts;
        private final Random random;
        private final Work work;
        private final AtomicBoolean pending = new AtomicBoolean();
        private int sent;
        int seen;
        Throwable failure;

        Worker(String name, int interrupts, Random random, Work work) {
            super(name);
            this.interrupts = interrupts;
            this.random = random;
            this.work = work;
        }

        /** Sends the next interrupt, or returns false if all were sent. Called by the interrupting thread only. */
        boolean interruptedAgain() {
            if (sent == interrupts || !isAlive()) return false;
            if (pending.compareAndSet(false, true)) {
                sent++;
                interrupt();
            }
            return true;
        }

        @Override
        public void run() {
            try {
                while (seen < interrupts) {
                    work.once(random);
                    // Sometimes the next call starts with the flag already set.
                    if (pending.get() && random.nextBoolean() && Thread.interrupted()) {
                        seen++;
                        pending.set(false);
                    }
                }
            } catch (Throwable e) {
                failure = e;
            }
        }
    }
}
