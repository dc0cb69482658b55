package dev.holdfast.bench.jraft;

import dev.holdfast.bench.child.ContenderContract;
import dev.holdfast.bench.child.Job;
import dev.holdfast.bench.contender.Peer;
import java.util.EnumSet;
import java.util.Set;

class JRaftTest implements ContenderContract {
    @Override
    public Peer peer() {
        return new JRaft();
    }

    @Override
    public Set<Job> unsupported() {
        return EnumSet.of(Job.TAIL);
    }

    @Override
    public boolean noticesDamage() {
        return true;
    }
}
