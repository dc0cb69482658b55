package dev.holdfast.cli.demo;

import dev.holdfast.wal.Log;
import dev.holdfast.wal.file.FileLog;
import dev.holdfast.wal.file.FileLogOptions;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

/** Appends batches from several threads until the process is killed, and reports each {@link Event}. */
public final class Writer {
    static final int THREADS = 4;

    private final BatchContent content;
    private final int round;
    private final OutputStream events;

    /**
     * Creates a writer.
     *
     * @param events unbuffered output for the events; each event is one write to a pipe, and a kill never splits such a
     *     write
     */
    public Writer(long seed, int round, OutputStream events) {
        this.content = new BatchContent(seed);
        this.round = round;
        this.events = events;
    }

    static FileLogOptions options() {
        return FileLogOptions.builder().segmentBytes(BatchContent.SEGMENT_BYTES).build();
    }

    /**
     * Appends until the process is killed. Never returns normally: throws if the log fails, or if the reader of the
     * events is gone.
     */
    public void appendUntilKilled(Path directory) throws IOException, InterruptedException {
        try (Log log = FileLog.open(directory, options())) {
            CompletableFuture<?>[] threads = new CompletableFuture<?>[THREADS];
            for (int i = 0; i < THREADS; i++) {
                int thread = i + 1;
                threads[i] = CompletableFuture.runAsync(
                        () -> appendAll(log, thread), task -> new Thread(task, "appender-" + thread).start());
            }
            CompletableFuture.anyOf(threads).get();
        } catch (ExecutionException e) {
            throw new IOException("the demo's writer failed: " + e.getCause(), e);
        }
    }

    private void appendAll(Log log, int thread) {
        try {
            for (int number = 1; ; number++) {
                Batch batch = new Batch(round, thread, number);
                List<ByteBuffer> records = new ArrayList<>();
                content.records(batch).forEach(bytes -> records.add(ByteBuffer.wrap(bytes)));
                report(new Event.Started(batch));
                long firstId = log.appendAll(records);
                report(new Event.Acknowledged(batch, firstId));
            }
        } catch (IOException e) {
            throw new CompletionException(e);
        }
    }

    private synchronized void report(Event event) throws IOException {
        events.write((event.line() + '\n').getBytes(StandardCharsets.US_ASCII));
    }
}
