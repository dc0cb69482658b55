package dev.holdfast.bench.rocksdb;

import dev.holdfast.bench.contender.Contender;
import dev.holdfast.bench.contender.Opening;
import dev.holdfast.bench.contender.Peer;
import dev.holdfast.bench.contender.Survives;
import org.rocksdb.CompressionType;
import org.rocksdb.Options;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteOptions;

/**
 * RocksDB: records with consecutive keys, each written with {@code sync}. The variant {@code recycled} recycles its log
 * files.
 */
public final class RocksDb implements Peer {
    private static final int RECYCLED_FILES = 4;

    @Override
    public Contender open(Opening opening) throws RocksDBException {
        Options options = new Options().setCreateIfMissing(true).setCompressionType(CompressionType.NO_COMPRESSION);
        if (opening.variant().equals("recycled")) {
            options.setRecycleLogFileNum(RECYCLED_FILES);
        }
        WriteOptions writes = new WriteOptions().setSync(opening.survives() == Survives.POWER_LOSS);
        return new RocksDbContender(options, writes, opening.directory().toString());
    }
}
