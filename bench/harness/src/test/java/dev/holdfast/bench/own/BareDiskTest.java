package dev.holdfast.bench.own;

import dev.holdfast.bench.child.ContenderContract;
import dev.holdfast.bench.child.Job;
import dev.holdfast.bench.contender.Peer;
import java.util.EnumSet;
import java.util.Set;

class BareDiskTest implements ContenderContract {
    private static final int FILE_BYTES = 4 << 20;

    @Override
    public Peer peer() {
        return new BareDisk(FILE_BYTES);
    }

    @Override
    public Set<Job> unsupported() {
        return EnumSet.of(Job.TAIL, Job.TRUNCATE);
    }
}
