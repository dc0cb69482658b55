package dev.holdfast.bench.child;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A few records of one size that are appended repeatedly. Their bytes are random, so that no contender can compress
 * them.
 */
final class Records {
    private static final int DIFFERENT = 64;

    private final List<ByteBuffer> records = new ArrayList<>();

    Records(int recordBytes) {
        Random random = new Random(recordBytes);
        for (int i = 0; i < DIFFERENT; i++) {
            byte[] bytes = new byte[recordBytes];
            random.nextBytes(bytes);
            records.add(ByteBuffer.wrap(bytes));
        }
    }

    ByteBuffer get(long i) {
        return records.get((int) (i % DIFFERENT));
    }

    List<ByteBuffer> batch(int count) {
        List<ByteBuffer> batch = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            batch.add(get(i));
        }
        return batch;
    }
}
