package dev.holdfast.wal.store;

import dev.holdfast.wal.CorruptLogException;
import dev.holdfast.wal.store.FieldReader.MalformedException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The places of the live records of a window, in the order of log numbers and ids. They are cut into records of a few
 * KiB, so that finding one record reads little. Each such record holds sections: the number of a log, its first id, and
 * runs of consecutive ids at consecutive places.
 */
final class Positions {
    private static final int RECORD_BYTES = 8 << 10;
    private static final int RUN_BYTES = 2 * 9 + 9;

    /** Writes positions. Sections are added in the order of their numbers. */
    static final class Encoder {
        private final long start;
        private final List<ByteBuffer> records = new ArrayList<>();
        private final List<long[]> firsts = new ArrayList<>(); // number and id
        private FieldWriter fields = new FieldWriter(RECORD_BYTES + RUN_BYTES);

        Encoder(long windowStart) {
            start = windowStart;
        }

        /** Adds the runs of one log, as triples of id, place and count in the order of ids. */
        void add(long number, List<long[]> runs) {
            int done = 0;
            while (done < runs.size()) {
                if (fields.length() >= RECORD_BYTES) {
                    finish();
                }
                if (fields.length() == 0) {
                    firsts.add(new long[] {number, runs.get(done)[0]});
                }
                int fitting = Math.min(runs.size() - done, 1 + (RECORD_BYTES - fields.length()) / RUN_BYTES);
                section(number, runs.subList(done, done + fitting));
                done += fitting;
            }
        }

        private void section(long number, List<long[]> runs) {
            fields.writeNumber(number).writeNumber(runs.get(0)[0]).writeNumber(runs.size());
            long id = runs.get(0)[0];
            long place = start;
            for (long[] run : runs) {
                fields.writeNumber(run[0] - id).writeSigned(run[1] - place).writeNumber(run[2]);
                id = run[0] + run[2];
                place = run[1] + run[2];
            }
        }

        private void finish() {
            records.add(fields.toBuffer());
            fields = new FieldWriter(RECORD_BYTES + RUN_BYTES);
        }

        List<ByteBuffer> records() {
            if (fields.length() > 0) {
                finish();
            }
            return records;
        }

        long[] numbers() {
            return firsts.stream().mapToLong(first -> first[0]).toArray();
        }

        long[] ids() {
            return firsts.stream().mapToLong(first -> first[1]).toArray();
        }
    }

    private static final int RUN = 4;

    // Runs in the order of numbers and ids: number, id, place, count.
    private final long[] runs;

    private Positions(long[] runs) {
        this.runs = runs;
    }

    /** Reads a positions record of a window that begins at {@code start}. */
    static Positions read(StoreRecord record, long start) throws CorruptLogException {
        if (record.kind() != Kind.POSITIONS) {
            throw StoreRecord.corrupt(record.place(), "positions were expected, found " + record.kind());
        }
        try {
            FieldReader fields = new FieldReader(record.body());
            long[] runs = new long[64];
            int size = 0;
            while (!fields.isAtEnd()) {
                long number = fields.readNumber();
                long id = fields.readNumber();
                int count = fields.readCount(3);
                long place = start;
                for (int i = 0; i < count; i++) {
                    if (size == runs.length) {
                        runs = Arrays.copyOf(runs, 2 * size);
                    }
                    id += fields.readNumber();
                    place += fields.readSigned();
                    long length = fields.readNumber();
                    runs[size++] = number;
                    runs[size++] = id;
                    runs[size++] = place;
                    runs[size++] = length;
                    id += length;
                    place += length;
                }
            }
            return new Positions(Arrays.copyOf(runs, size));
        } catch (MalformedException e) {
            throw StoreRecord.corrupt(record.place(), String.valueOf(e.getMessage()));
        }
    }

    /** Returns the place of a record, or {@link Places#NOWHERE}. */
    long find(long number, long id) {
        int low = 0;
        int high = runs.length / RUN - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            long middleNumber = runs[middle * RUN];
            if (middleNumber < number || (middleNumber == number && runs[middle * RUN + 1] <= id)) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        int run = high * RUN;
        boolean found = high >= 0 && runs[run] == number && id < runs[run + 1] + runs[run + 3];
        return found ? runs[run + 2] + (id - runs[run + 1]) : Places.NOWHERE;
    }

    /** Returns the memory that the positions take, in bytes. */
    int bytes() {
        return 64 + runs.length * Long.BYTES;
    }
}
