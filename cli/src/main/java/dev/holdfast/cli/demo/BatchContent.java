package dev.holdfast.cli.demo;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.zip.CRC32C;

/**
 * Generates the records of the demo from a seed: batches of 1 to 5 records of varied sizes. Each record holds its
 * identity (batch, position, size of the batch), random bytes and a checksum. A record can therefore be recognized on
 * its own, and its expected bytes can be generated again.
 */
final class BatchContent {
    /** Segment size of the demo, in bytes: small, so that one round fills several segments. */
    static final int SEGMENT_BYTES = 256 * 1024;

    private static final int MAX_BATCH_RECORDS = 5;
    private static final int NAME_BYTES = 5 * Integer.BYTES;
    private static final int CHECKSUM_BYTES = Integer.BYTES;

    /** The identity of a record: its batch, its position in the batch, and the number of records of the batch. */
    record Position(Batch batch, int index, int batchRecords) {}

    private final long seed;

    BatchContent(long seed) {
        this.seed = seed;
    }

    /** Returns the records of a batch. The same batch always has the same records. */
    List<byte[]> records(Batch batch) {
        SplittableRandom random = random(batch);
        int count = 1 + random.nextInt(MAX_BATCH_RECORDS);
        List<byte[]> records = new ArrayList<>(count);
        for (int index = 0; index < count; index++) {
            records.add(record(new Position(batch, index, count), random));
        }
        return records;
    }

    int size(Batch batch) {
        return 1 + random(batch).nextInt(MAX_BATCH_RECORDS);
    }

    /**
     * Returns the identity of a record, or empty if its checksum does not match: it is then not a record of the demo.
     */
    static Optional<Position> position(ByteBuffer record) {
        ByteBuffer bytes = record.duplicate();
        if (bytes.remaining() < NAME_BYTES + CHECKSUM_BYTES) {
            return Optional.empty();
        }
        int checksumAt = bytes.limit() - CHECKSUM_BYTES;
        if (bytes.getInt(checksumAt) != checksum(bytes.duplicate().limit(checksumAt))) {
            return Optional.empty();
        }
        Batch batch = new Batch(bytes.getInt(), bytes.getInt(), bytes.getInt());
        return Optional.of(new Position(batch, bytes.getInt(), bytes.getInt()));
    }

    private static byte[] record(Position position, SplittableRandom random) {
        byte[] noise = new byte[noiseBytes(random)];
        random.nextBytes(noise);
        Batch batch = position.batch();
        ByteBuffer bytes = ByteBuffer.allocate(NAME_BYTES + noise.length + CHECKSUM_BYTES)
                .putInt(batch.round())
                .putInt(batch.thread())
                .putInt(batch.number())
                .putInt(position.index())
                .putInt(position.batchRecords())
                .put(noise);
        return bytes.putInt(checksum(bytes.duplicate().flip())).array();
    }

    /** Chooses the number of random bytes of a record: mostly few, often some pages, rarely more than a segment. */
    private static int noiseBytes(SplittableRandom random) {
        int kind = random.nextInt(1000);
        if (kind < 600) {
            return random.nextInt(512);
        } else if (kind < 900) {
            return random.nextInt(8 * 1024);
        } else if (kind < 998) {
            return random.nextInt(32 * 1024);
        }
        return random.nextInt(2 * SEGMENT_BYTES);
    }

    private SplittableRandom random(Batch batch) {
        long mixed = seed;
        for (int part : new int[] {batch.round(), batch.thread(), batch.number()}) {
            mixed = new SplittableRandom(mixed + part).nextLong();
        }
        return new SplittableRandom(mixed);
    }

    private static int checksum(ByteBuffer bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return (int) crc.getValue();
    }
}
