package dev.holdfast.bench.own;

import dev.holdfast.bench.child.ContenderContract;
import dev.holdfast.bench.contender.Peer;

class HoldfastTest implements ContenderContract {
    @Override
    public Peer peer() {
        return new Holdfast();
    }

    @Override
    public boolean appliesInOrder() {
        return true;
    }

    @Override
    public boolean noticesDamage() {
        return true;
    }
}
