package dev.holdfast.testkit.file;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.wal.CallRefusedException;
import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogFailedException;
import dev.holdfast.wal.LogRecord;
import dev.holdfast.wal.LogStats;
import dev.holdfast.wal.file.FileLog;
import dev.holdfast.wal.file.FileLogOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;

/** Runs several threads that append while some of them run out of memory. A {@link StarvingLoader} loads this class. */
public final class StarvedThreads {
    private static final int THREADS = 4;
    private static final int APPENDS = 12;

    private final Map<Long, ByteBuffer> acknowledged = new ConcurrentHashMap<>();
    private final Set<ByteBuffer> tried = ConcurrentHashMap.newKeySet();

    private StarvedThreads() {}

    /**
     * Runs several threads on a new log.
     *
     * @param first number of the first refused allocation, counted over all threads
     * @param last number of the last refused allocation
     * @return whether the log failed
     */
    public static boolean run(Path directory, long first, long last)
            throws IOException, InterruptedException, ExecutionException {
        return new StarvedThreads().appendConcurrently(directory, first, last);
    }

    private boolean appendConcurrently(Path directory, long first, long last)
            throws IOException, InterruptedException, ExecutionException {
        FileLogOptions small = FileLogOptions.builder().segmentBytes(8 << 10).build();
        boolean failed;
        try (Log log = FileLog.open(directory, small)) {
            Threads threads = new Threads();
            Memory.refuse(first, last);
            try {
                for (int i = 0; i < THREADS; i++) {
                    int thread = i;
                    threads.start("appender " + i, () -> append(log, thread));
                }
                threads.join();
            } finally {
                Memory.recover();
            }
            failed = log.stats().state() == LogStats.State.FAILED;
            judge(AllRecords.of(log), !failed);
        }
        try (Log again = FileLog.open(directory, small)) {
            judge(AllRecords.of(again), !failed);
            byte[] bytes = new Stamp(1, THREADS).bytes(50);
            assertThat(again.read(again.append(bytes)).orElseThrow().data()).isEqualTo(ByteBuffer.wrap(bytes));
        }
        return failed;
    }

    private void append(Log log, int thread) throws IOException {
        for (int i = 0; i < APPENDS; i++) {
            byte[] bytes = new Stamp(i, thread).bytes(300);
            tried.add(ByteBuffer.wrap(bytes));
            try {
                acknowledged.put(log.append(bytes), ByteBuffer.wrap(bytes));
            } catch (OutOfMemoryError | CallRefusedException e) {
                // Either the append was refused, or the log has failed. Its contents will show which.
                continue;
            } catch (LogFailedException e) {
                return;
            }
        }
    }

    /** Asserts that the acknowledged records are present. If the log has not failed, no other record may be present. */
    private void judge(List<LogRecord> records, boolean nothingElse) {
        long id = 0;
        int found = 0;
        for (LogRecord record : records) {
            assertThat(record.id()).as("id without a gap").isEqualTo(++id);
            assertThat(tried).as("appended records").contains(record.data());
            ByteBuffer due = acknowledged.get(id);
            if (due != null) {
                assertThat(record.data()).as("record " + id).isEqualTo(due);
                found++;
            }
        }
        assertThat(found).as("acknowledged records").isEqualTo(acknowledged.size());
        if (nothingElse) {
            assertThat(records).hasSize(found);
        }
    }
}
