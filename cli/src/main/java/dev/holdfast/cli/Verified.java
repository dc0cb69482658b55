package dev.holdfast.cli;

import dev.holdfast.wal.inspect.Inspection;
import dev.holdfast.wal.inspect.Inspector;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The result of reading and checking every byte of a log.
 *
 * @param bytes number of bytes read
 */
record Verified(Inspection inspection, long bytes) {
    /** Verifies a log, with a progress bar if standard error is a terminal. */
    static Verified of(Inspector inspector, Streams streams) throws IOException {
        try (Watch watch = new Watch(streams)) {
            Inspection inspection = inspector.verify(watch);
            return new Verified(inspection, watch.bytes);
        }
    }

    private static final class Watch implements Inspector.Listener, AutoCloseable {
        private final Streams streams;
        private @Nullable Progress progress;
        private long bytes;

        Watch(Streams streams) {
            this.streams = streams;
        }

        @Override
        public void total(long total) {
            progress = Progress.ofBytes(streams, "verify", total);
        }

        @Override
        public void read(long more) {
            CtrlC.check();
            bytes += more;
            if (progress != null) {
                progress.add(more);
            }
        }

        @Override
        public void close() {
            if (progress != null) {
                progress.close();
            }
        }
    }
}
