package dev.holdfast.bench.journalio;

import dev.holdfast.bench.child.ContenderContract;
import dev.holdfast.bench.child.Job;
import dev.holdfast.bench.contender.Peer;
import java.util.EnumSet;
import java.util.Set;

class JournalIoTest implements ContenderContract {
    @Override
    public Peer peer() {
        return new JournalIo();
    }

    @Override
    public Set<Job> unsupported() {
        return EnumSet.of(Job.READ_ANYWHERE, Job.TAIL, Job.TRUNCATE, Job.TIMELINE, Job.PREPARE);
    }

    @Override
    public boolean noticesDamage() {
        return true;
    }
}
