package dev.holdfast.bench.proof;

import dev.holdfast.bench.contender.Acknowledgement;
import dev.holdfast.bench.contender.Contender;
import dev.holdfast.bench.contender.Opening;
import dev.holdfast.bench.contender.Peer;
import dev.holdfast.bench.contender.ReadsBack;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Appends to a file and acknowledges before or after a sync, depending on its variant. Runs in a process of its own.
 */
public final class Liar implements Peer {
    /** The ways to sync, which are the names of the variants. */
    enum Way {
        /** Writes, syncs, acknowledges. */
        HONEST,
        /** Writes and acknowledges without a sync. */
        NEVER,
        /** Writes, acknowledges, and then syncs on another thread. */
        AFTERWARDS,
        /** Syncs the earlier records, writes, and acknowledges. */
        BEFORE,
        /** Writes to one file, syncs another, and acknowledges. */
        ANOTHER_FILE,
        /** As {@link #HONEST}, but skips every fifth sync. */
        SOMETIMES,
        /** Never acknowledges an append. */
        SILENT
    }

    private static final int SOMETIMES = 5;

    @Override
    public Contender open(Opening opening) throws IOException {
        return new Log(opening.directory(), Way.valueOf(opening.variant()));
    }

    private static final class Log implements Contender, ReadsBack {
        private final Way way;
        private final Path path;
        private final FileChannel file;
        private final FileChannel another;
        private final ExecutorService afterwards = Executors.newSingleThreadExecutor();
        private int appends;

        Log(Path directory, Way way) throws IOException {
            this.way = way;
            this.path = directory.resolve("records");
            this.file = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            this.another = FileChannel.open(
                    directory.resolveSibling("another"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        }

        @Override
        public void append(ByteBuffer data) throws IOException {
            appends++;
            if (way == Way.BEFORE) {
                file.force(false);
            }
            file.write(data.duplicate());
            switch (way) {
                case HONEST -> file.force(false);
                case ANOTHER_FILE -> another.force(false);
                case AFTERWARDS -> afterwards.execute(this::syncLater);
                case SOMETIMES -> {
                    if (appends % SOMETIMES != 0) {
                        file.force(false);
                    }
                }
                case SILENT -> {
                    while (true) {
                        LockSupport.park();
                    }
                }
                case NEVER, BEFORE -> {}
            }
        }

        private void syncLater() {
            try {
                TimeUnit.MILLISECONDS.sleep(1);
                file.force(false);
            } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public void appendBatch(List<ByteBuffer> batch) throws IOException {
            for (ByteBuffer data : batch) {
                append(data);
            }
        }

        @Override
        public void appendAsync(ByteBuffer data, Acknowledgement acknowledgement) throws IOException {
            append(data);
            acknowledgement.complete(null);
        }

        /** Counts the records without looking at their bytes. */
        @Override
        public ReadBack readAll() throws IOException {
            long bytes = Files.size(path);
            return new ReadBack(bytes, bytes);
        }

        @Override
        public void close() throws IOException {
            afterwards.shutdownNow();
            file.close();
            another.close();
        }
    }
}
