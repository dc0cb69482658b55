package dev.holdfast.bench.bookkeeper;

import dev.holdfast.bench.child.ContenderContract;
import dev.holdfast.bench.child.Job;
import dev.holdfast.bench.contender.Peer;
import java.util.EnumSet;
import java.util.Set;

class BookKeeperTest implements ContenderContract {
    @Override
    public Peer peer() {
        return new BookKeeper();
    }

    @Override
    public String variant() {
        return "tuned";
    }

    @Override
    public Set<Job> unsupported() {
        return EnumSet.of(Job.READ_ANYWHERE, Job.TAIL, Job.TRUNCATE, Job.TIMELINE, Job.PREPARE);
    }
}
