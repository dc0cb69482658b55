package dev.holdfast.bench.chronicle;

import dev.holdfast.bench.child.ContenderContract;
import dev.holdfast.bench.child.Job;
import dev.holdfast.bench.contender.Peer;
import java.util.EnumSet;
import java.util.Set;

class ChronicleTest implements ContenderContract {
    @Override
    public Peer peer() {
        return new Chronicle();
    }

    @Override
    public Set<Job> unsupported() {
        return EnumSet.of(Job.TAIL, Job.TRUNCATE, Job.TIMELINE, Job.PREPARE);
    }
}
