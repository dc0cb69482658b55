package dev.holdfast.bench.own;

import dev.holdfast.bench.child.ContenderContract;
import dev.holdfast.bench.child.Job;
import dev.holdfast.bench.contender.Peer;
import java.util.Set;

class HoldfastTest implements ContenderContract {
    @Override
    public Peer peer() {
        return new Holdfast();
    }

    @Override
    public Set<Job> supportedForFew() {
        return FOR_FEW;
    }

    @Override
    public boolean noticesDamage() {
        return true;
    }
}
