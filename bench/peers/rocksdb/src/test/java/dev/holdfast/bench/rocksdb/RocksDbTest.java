package dev.holdfast.bench.rocksdb;

import dev.holdfast.bench.child.ContenderContract;
import dev.holdfast.bench.child.Job;
import dev.holdfast.bench.contender.Peer;
import java.util.EnumSet;
import java.util.Set;

class RocksDbTest implements ContenderContract {
    @Override
    public Peer peer() {
        return new RocksDb();
    }

    @Override
    public String variant() {
        return "recycled";
    }

    @Override
    public Set<Job> unsupported() {
        return EnumSet.of(Job.TAIL, Job.TRUNCATE);
    }

    @Override
    public boolean noticesDamage() {
        return true;
    }
}
