package dev.holdfast.wal.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.wal.CommitHook;
import dev.holdfast.wal.CorruptLogException;
import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogCursor;
import dev.holdfast.wal.LogRecord;
import dev.holdfast.wal.memory.MemoryLog;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/**
 * The bytes of a store do not change: a fixed sequence of calls writes the records of a committed file, and a store
 * opens on them. Damaged records are refused with an error that names them.
 */
class StoreFormatTest {
    private static final String GOLDEN = "store-version-1.txt";
    private static final LogStoreOptions OPTIONS = LogStoreOptions.builder()
            .windowBytes(1 << 10)
            .maxExtraBytes(2 << 10)
            .build();

    /** Makes every kind of record, except the rest of a record that does not fit into one. */
    private static void write(Log shared) throws IOException {
        Deque<Runnable> background = new ArrayDeque<>();
        LogStore store = LogStore.on(shared, OPTIONS, background::add, () -> {});
        Log laggard = store.log("laggard");
        laggard.append(List.of(LogRecord.of(40, new byte[] {1}), LogRecord.of(41, new byte[0])));
        Log busy = store.log("b\u00fcsy");
        store.batch()
                .put(laggard, "term", ByteBuffer.wrap(new byte[] {7}))
                .put(laggard, "vote", ByteBuffer.wrap(new byte[] {8}))
                .remove(laggard, "vote")
                .commit();
        Log reset = store.log("reset");
        reset.append(new byte[3]);
        reset.reset(9);
        store.log("deleted").append(new byte[2]);
        store.delete("deleted");
        for (int i = 1; i <= 80; i++) {
            busy.append(StoreContents.payload(i + "x100"));
            if (i % 10 == 0) busy.truncate(busy.nextId() - 3);
            if (i > 5) busy.trim(busy.nextId() - 5);
            for (Runnable task = background.poll(); task != null; task = background.poll()) {
                task.run();
            }
        }
    }

    /** Remembers every record, also those that are trimmed later. */
    private static final class Recording extends ForwardingLog {
        private final List<String> lines = new ArrayList<>();

        Recording() {
            super(new MemoryLog());
        }

        private void remember(List<LogRecord> records) {
            for (LogRecord record : records) {
                try {
                    lines.add(record.id() + " " + StoreRecord.decode(record).kind() + " "
                            + HexFormat.of().formatHex(record.bytes()));
                } catch (CorruptLogException e) {
                    throw new AssertionError(e);
                }
            }
        }

        @Override
        public void append(List<LogRecord> records, CommitHook hook) throws IOException {
            remember(records);
            super.append(records, hook);
        }

        @Override
        public CompletableFuture<Void> appendAsync(List<LogRecord> records, CommitHook hook) {
            remember(records);
            return super.appendAsync(records, hook);
        }
    }

    private static List<LogRecord> golden() throws IOException {
        List<LogRecord> records = new ArrayList<>();
        for (String line : goldenLines()) {
            String[] parts = line.split(" ", 3);
            records.add(LogRecord.of(Long.parseLong(parts[0]), HexFormat.of().parseHex(parts[2])));
        }
        return records;
    }

    private static List<String> goldenLines() throws IOException {
        try (InputStream in = StoreFormatTest.class.getResourceAsStream(GOLDEN)) {
            return new String(in.readAllBytes(), UTF_8).lines().toList();
        }
    }

    private static StoreContents contents(Log shared) throws IOException {
        return StoreContents.of(LogStore.on(shared, OPTIONS, task -> {}, () -> {}));
    }

    @Test
    void fixedSequenceOfCallsWritesTheCommittedBytes() throws IOException {
        Recording shared = new Recording();
        write(shared);
        List<String> lines = shared.lines;
        if ("write".equals(System.getProperty("holdfast.golden"))) {
            Files.write(Path.of("src/test/resources/dev/holdfast/wal/store", GOLDEN), lines);
        }
        assertThat(lines).isEqualTo(goldenLines());
        for (Kind kind : EnumSet.complementOf(EnumSet.of(Kind.REST))) {
            assertThat(lines).anyMatch(line -> line.contains(" " + kind + " "));
        }
    }

    @Test
    void storeOpensOnTheCommittedBytes() throws IOException {
        Log written = new MemoryLog();
        write(written);
        Log committed = new MemoryLog();
        committed.append(golden());
        StoreContents contents = contents(committed);
        assertThat(contents).isEqualTo(contents(written));
        assertThat(contents.logs().keySet()).containsExactly("b\u00fcsy", "laggard", "reset");
        assertThat(contents.logs().get("laggard").records()).containsExactly("1x1", "0x0");
        assertThat(contents.logs().get("laggard").values()).containsExactly(Map.entry("term", "7x1"));
        assertThat(contents.logs().get("reset")).isEqualTo(StoreContents.OneLog.NEW.reset(9));
    }

    private static void readSome(Log log) throws IOException {
        try (LogCursor cursor = log.cursor(0)) {
            for (int read = 0; read < 200 && cursor.next(); read++) {
                assertThat(cursor.record().id()).isEqualTo(cursor.id());
            }
        }
    }

    /** Bytes that the shared log does not protect: what opens holds something, and everything else is refused. */
    @Test
    void changedBytesAreRefusedWithAnErrorOfTheLibrary() throws IOException {
        long seed = Long.getLong("holdfast.seed", new SplittableRandom().nextLong());
        System.out.println("changedBytesAreRefusedWithAnErrorOfTheLibrary: rerun with -Dholdfast.seed=" + seed);
        SplittableRandom random = new SplittableRandom(seed);
        List<LogRecord> golden = golden();
        int refused = 0;
        for (int i = 0; i < 4000; i++) {
            List<LogRecord> records = new ArrayList<>(golden);
            int at = records.size() - 1 - random.nextInt(60); // the others do not matter for opening
            byte[] bytes = records.get(at).bytes();
            int changes = 1 + random.nextInt(3);
            for (int j = 0; j < changes; j++) {
                // Most of the fields are at the beginning.
                int index = random.nextInt(random.nextBoolean() ? bytes.length : Math.min(bytes.length, 12));
                bytes[index] = (byte) random.nextInt(256);
            }
            records.set(at, LogRecord.of(records.get(at).id(), bytes));
            Log shared = new MemoryLog();
            shared.append(records);
            try {
                LogStore store = LogStore.on(shared, OPTIONS, task -> {}, () -> {});
                for (String name : store.names()) {
                    readSome(store.log(name));
                }
            } catch (IOException e) {
                refused++;
            } catch (RuntimeException | Error e) {
                throw new AssertionError(
                        "change " + i + " of record " + records.get(at).id() + ": " + e, e);
            }
        }
        assertThat(refused).isGreaterThan(400);
    }
}
