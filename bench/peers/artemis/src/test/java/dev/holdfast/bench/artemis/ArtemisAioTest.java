package dev.holdfast.bench.artemis;

import dev.holdfast.bench.child.ContenderContract;
import dev.holdfast.bench.child.Job;
import dev.holdfast.bench.contender.Peer;
import java.util.EnumSet;
import java.util.Set;
import org.apache.activemq.artemis.core.io.aio.AIOSequentialFileFactory;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;

class ArtemisAioTest implements ContenderContract {
    @BeforeAll
    static void libaioLoads() {
        Assumptions.assumeTrue(AIOSequentialFileFactory.isSupported(), "libaio cannot be loaded here");
    }

    @Override
    public Peer peer() {
        return new Artemis();
    }

    @Override
    public String variant() {
        return "aio";
    }

    @Override
    public Set<Job> tried() {
        return EnumSet.of(Job.CALLERS, Job.BATCHES, Job.ASYNCHRONOUS, Job.TIMELINE);
    }
}
