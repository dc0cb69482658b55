package dev.holdfast.bench.h2;

import dev.holdfast.bench.child.ContenderContract;
import dev.holdfast.bench.child.Job;
import dev.holdfast.bench.contender.Peer;
import java.util.EnumSet;
import java.util.Set;

class H2Test implements ContenderContract {
    @Override
    public Peer peer() {
        return new H2();
    }

    @Override
    public Set<Job> unsupported() {
        return EnumSet.of(Job.TAIL, Job.TRUNCATE);
    }
}
