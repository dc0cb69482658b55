package dev.holdfast.wal.format;

import dev.holdfast.wal.LogRecord;
import dev.holdfast.wal.commit.LogSettings;
import dev.holdfast.wal.engine.StoredLog;
import dev.holdfast.wal.segment.SameThread;
import dev.holdfast.wal.storage.HeapStorage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Logs whose files are kept in {@code src/test/resources/golden/v1}. Each is written by calls of the library, some with
 * one simulated accident, on one thread and with salts from a fixed seed. The same version therefore writes the same
 * bytes again.
 */
enum GoldenLog {
    /** The log in the hexdump of {@code docs/format.md}. */
    WORKED_EXAMPLE {
        @Override
        void write(Session session) throws IOException {
            session.open(8192).appendAll(List.of(text("hold"), text("fast")));
            session.log().append(text("!"));
            session.log().close();
        }
    },
    NEW {
        @Override
        void write(Session session) throws IOException {
            session.open(8192);
        }
    },
    BATCHES {
        @Override
        void write(Session session) throws IOException {
            StoredLog log = session.open(8192);
            for (int size = 0; size < 40; size++) {
                log.append(data(size, size));
            }
            for (int records = 1; records < 20; records++) {
                List<ByteBuffer> batch = new ArrayList<>();
                for (int i = 0; i < records; i++) {
                    batch.add(data(records, 10 * i));
                }
                log.appendAll(batch);
            }
            log.append(text(""));
            log.close();
        }
    },
    LARGE_RECORDS {
        @Override
        void write(Session session) throws IOException {
            StoredLog log = session.open(64 << 10);
            log.append(data(1, 1 << 20));
            log.append(text("small"));
            List<ByteBuffer> batch = new ArrayList<>();
            for (int i = 0; i < 30; i++) {
                batch.add(data(i, 20_000));
            }
            log.appendAll(batch);
            log.append(data(2, 60_000));
            log.close();
        }
    },
    EXPLICIT_IDS {
        @Override
        void write(Session session) throws IOException {
            StoredLog log = session.open(8192);
            log.append(LogRecord.of(0xCAFEBABEL, data(1, 100)));
            for (int i = 0; i < 10; i++) {
                log.append(data(i, 600));
            }
            log.close();
        }
    },
    TRIMMED {
        @Override
        void write(Session session) throws IOException {
            StoredLog log = session.open(8192);
            for (int i = 0; i < 20; i++) {
                log.append(data(i, 500));
            }
            log.trim(7);
            log.append(data(20, 500));
            log.trim(9);
            log.close();
        }
    },
    TRIMMED_EMPTY {
        @Override
        void write(Session session) throws IOException {
            StoredLog log = session.open(8192);
            for (int i = 0; i < 20; i++) {
                log.append(data(i, 500));
            }
            log.trim(20);
            log.close();
        }
    },
    TRUNCATED_BY_CUT {
        @Override
        void write(Session session) throws IOException {
            StoredLog log = session.open(8192);
            for (int i = 0; i < 20; i++) {
                log.append(data(i, 500));
            }
            log.truncate(19);
            log.truncate(14);
            for (int i = 30; i < 40; i++) {
                log.append(data(i, 300));
            }
            log.close();
        }
    },
    TRUNCATED_BY_COPY {
        @Override
        void write(Session session) throws IOException {
            StoredLog log = session.open(8192);
            log.append(data(1, 100));
            log.appendAll(List.of(data(2, 100), data(3, 100), data(4, 100)));
            log.truncate(3);
            log.append(data(5, 100));
            log.close();
        }
    },
    RESET {
        @Override
        void write(Session session) throws IOException {
            StoredLog log = session.open(8192);
            for (int i = 0; i < 20; i++) {
                log.append(data(i, 500));
            }
            log.reset(50);
            log.close();
        }
    },
    MOVED {
        @Override
        void write(Session session) throws IOException {
            StoredLog log = session.open(8192);
            log.append(data(1, 100));
            log.trim(1);
            log.append(LogRecord.of(1000, data(2, 100)), LogRecord.of(1001, data(3, 100)));
        }
    },
    PADDED {
        @Override
        void write(Session session) throws IOException {
            LogSettings small = SameThread.settings(32 << 10);
            StoredLog log = session.open(new LogSettings(
                    small.segmentBytes(),
                    small.firstSegmentBytes(),
                    small.maxRecordBytes(),
                    small.maxBytesInFlight(),
                    true,
                    4096));
            for (int i = 0; i < 12; i++) {
                log.append(data(i, 1000 * i % 7777));
            }
            log.close();
        }
    },
    REOPENED {
        @Override
        void write(Session session) throws IOException {
            session.open(8192).append(data(1, 10));
            session.log().close();
            session.open(8192).append(data(2, 10));
            session.log().close();
            session.open(8192).append(data(3, 10));
        }
    },
    IDLE {
        @Override
        void write(Session session) throws IOException {
            session.open(8192).append(data(1, 10));
            session.threads.idle();
        }
    },
    TORN_TAIL {
        @Override
        void write(Session session) throws IOException {
            StoredLog log = session.open(8192);
            log.append(data(1, 100));
            log.appendAll(List.of(data(2, 200), data(3, 700)));
            log.append(data(4, 10));
            String tail = session.storage.list().get(0).name();
            byte[] bytes = session.storage.bytes(tail);
            // Power failed before the second sector of groups was written, and nothing after it was written.
            Arrays.fill(bytes, 4096 + 512, bytes.length, (byte) 0);
        }
    },
    KILLED_IN_A_ROLL {
        @Override
        void write(Session session) throws IOException {
            StoredLog log = session.open(8192);
            log.append(data(1, 1000));
            log.append(data(2, 1000));
            log.append(data(3, 1000));
            byte[] before = session.storage.bytes("00000001-0000000000000001.seg");
            byte[] tail = session.storage.bytes("00000002-0000000000000003.seg");
            Arrays.fill(before, (int) Layout.footerOffset(8192), 8192, (byte) 0);
            Arrays.fill(tail, Layout.HEADER_BYTES, 8192, (byte) 0);
        }
    },
    NOT_SYNCED_EACH_TIME {
        @Override
        void write(Session session) throws IOException {
            StoredLog log = session.open(new LogSettings(8192, 8192, 1 << 20, 1 << 20, false, Layout.ALIGNMENT));
            log.append(data(1, 10));
            log.append(data(2, 10));
            log.sync();
            log.append(data(3, 10));
            log.append(data(4, 10));
        }
    },
    LARGE_RECORDS_SEALED {
        @Override
        void write(Session session) throws IOException {
            LARGE_RECORDS.write(session);
        }
    },
    EXPLICIT_IDS_SEALED {
        @Override
        void write(Session session) throws IOException {
            EXPLICIT_IDS.write(session);
        }
    },
    TRUNCATED_BY_CUT_SEALED {
        @Override
        void write(Session session) throws IOException {
            TRUNCATED_BY_CUT.write(session);
        }
    },
    TRUNCATED_BY_COPY_SEALED {
        @Override
        void write(Session session) throws IOException {
            TRUNCATED_BY_COPY.write(session);
        }
    },
    MOVED_SEALED {
        @Override
        void write(Session session) throws IOException {
            MOVED.write(session);
        }
    };

    /** Logs written before dead tails received a footer. The logs whose names end with SEALED have one. */
    static final Set<GoldenLog> WITHOUT_FOOTERS_OF_DEAD_TAILS =
            EnumSet.of(LARGE_RECORDS, EXPLICIT_IDS, TRUNCATED_BY_CUT, TRUNCATED_BY_COPY, MOVED);

    /** Returns the logs whose files the present code writes again, byte by byte. */
    static Set<GoldenLog> writtenAgain() {
        return EnumSet.complementOf(EnumSet.copyOf(WITHOUT_FOOTERS_OF_DEAD_TAILS));
    }

    /** Writes the log. If the writer is not closed, the files are those after a kill. */
    abstract void write(Session session) throws IOException;

    /** A storage on which a golden log is written. */
    static final class Session {
        final HeapStorage storage = new HeapStorage();
        final SameThread threads;
        private StoredLog log;

        private Session(long seed) {
            threads = new SameThread(seed);
        }

        StoredLog open(int segmentBytes) throws IOException {
            return open(SameThread.settings(segmentBytes));
        }

        StoredLog open(LogSettings settings) throws IOException {
            log = threads.open(storage, settings);
            return log;
        }

        StoredLog log() {
            return log;
        }
    }

    /** Returns the name of the log's directory. */
    String directory() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Writes the log and returns its files. */
    Map<String, byte[]> files() throws IOException {
        Session session = new Session(seed());
        write(session);
        return session.storage.snapshot();
    }

    /** Returns a seed that does not change when other logs are added. */
    private long seed() {
        return name().hashCode();
    }

    private static ByteBuffer text(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
    }

    /** Returns data that compresses well. */
    private static ByteBuffer data(int seed, int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (seed + i % 16 * 13);
        }
        return ByteBuffer.wrap(bytes);
    }
}
