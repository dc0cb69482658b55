package dev.holdfast.bench.rocksdb;

import dev.holdfast.bench.contender.Acknowledgement;
import dev.holdfast.bench.contender.BatchingWriter;
import dev.holdfast.bench.contender.Contender;
import dev.holdfast.bench.contender.ReadsAnywhere;
import dev.holdfast.bench.contender.ReadsBack;
import dev.holdfast.bench.contender.Trims;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.rocksdb.Options;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/**
 * RocksDB as a contender. It has group commit for callers that wait. A thread writes asynchronous appends in batches.
 */
@SuppressWarnings("ByteBufferBackingArray") // Contender promises one
final class RocksDbContender implements Contender, ReadsBack, ReadsAnywhere, Trims {
    private static final int MOST_RECORD_BYTES = 1 << 20;
    private static final int READ_AHEAD_BYTES = 2 << 20;

    private final Options options;
    private final WriteOptions writes;
    private final RocksDB db;
    private final BatchingWriter batching = new BatchingWriter(this::appendBatch);
    private final AtomicLong next = new AtomicLong();

    RocksDbContender(Options options, WriteOptions writes, String directory) throws RocksDBException {
        this.options = options;
        this.writes = writes;
        this.db = RocksDB.open(options, directory);
        try (RocksIterator iterator = db.newIterator()) {
            iterator.seekToLast();
            next.set(iterator.isValid() ? id(iterator.key()) + 1 : 0);
        }
    }

    private static byte[] key(long id) {
        return ByteBuffer.allocate(Long.BYTES).putLong(id).array();
    }

    private static long id(byte[] key) {
        return ByteBuffer.wrap(key).getLong();
    }

    @Override
    public void append(ByteBuffer data) throws RocksDBException {
        db.put(writes, key(next.getAndIncrement()), data.array());
    }

    @Override
    public void appendBatch(List<ByteBuffer> batch) throws RocksDBException {
        long first = next.getAndAdd(batch.size());
        try (WriteBatch write = new WriteBatch()) {
            for (int i = 0; i < batch.size(); i++) {
                write.put(key(first + i), batch.get(i).array());
            }
            db.write(writes, write);
        }
    }

    @Override
    public void appendAsync(ByteBuffer data, Acknowledgement acknowledgement) {
        batching.appendAsync(data, acknowledgement);
    }

    @Override
    public ReadBack readAll() throws RocksDBException {
        long records = 0;
        long bytes = 0;
        ByteBuffer value = ByteBuffer.allocateDirect(MOST_RECORD_BYTES);
        try (ReadOptions sequential =
                        new ReadOptions().setReadaheadSize(READ_AHEAD_BYTES).setFillCache(false);
                RocksIterator iterator = db.newIterator(sequential)) {
            for (iterator.seekToFirst(); iterator.isValid(); iterator.next()) {
                records++;
                bytes += iterator.value(value.clear());
            }
            iterator.status();
        }
        return new ReadBack(records, bytes);
    }

    @Override
    public long firstId() {
        try (RocksIterator iterator = db.newIterator()) {
            iterator.seekToFirst();
            return id(iterator.key());
        }
    }

    @Override
    public long lastId() {
        return next.get() - 1;
    }

    @Override
    public int read(long id) throws RocksDBException {
        byte[] data = db.get(key(id));
        return data == null ? -1 : data.length;
    }

    @Override
    public void trim(long recordsToKeep) throws RocksDBException {
        byte[] to = key(Math.max(0, next.get() - recordsToKeep));
        try (WriteOptions unsynced = new WriteOptions()) {
            db.deleteRange(unsynced, key(0), to);
        }
        db.deleteFilesInRanges(db.getDefaultColumnFamily(), List.of(key(0), to), false);
    }

    @Override
    public void close() throws InterruptedException {
        batching.close();
        db.close();
        writes.close();
        options.close();
    }
}
