package dev.holdfast.bench.own;

import dev.holdfast.bench.child.ContenderContract;
import dev.holdfast.bench.child.Job;
import dev.holdfast.bench.contender.Peer;
import java.util.EnumSet;
import java.util.Set;

class BareDiskTest implements ContenderContract {
    @Override
    public Peer peer() {
        return new BareDisk();
    }

    @Override
    public Set<Job> unsupported() {
        return EnumSet.of(Job.TAIL, Job.TRUNCATE);
    }
}
