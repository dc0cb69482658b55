package dev.holdfast.bench.own;

import dev.holdfast.bench.contender.Contender;
import dev.holdfast.bench.contender.FollowsFromOutside;
import dev.holdfast.bench.contender.Opening;
import dev.holdfast.bench.contender.Peer;
import dev.holdfast.bench.contender.Survives;
import dev.holdfast.bench.contender.Tails.Tail;
import dev.holdfast.wal.file.Durability;
import dev.holdfast.wal.file.FileLog;
import dev.holdfast.wal.file.FileLogOptions;
import java.io.IOException;

/** Holdfast with default options. */
public final class Holdfast implements Peer, FollowsFromOutside {
    @Override
    public Contender open(Opening opening) throws IOException {
        Durability durability =
                opening.survives() == Survives.POWER_LOSS ? Durability.POWER_LOSS : Durability.PROCESS_CRASH;
        FileLogOptions options = FileLogOptions.builder().durability(durability).build();
        return new HoldfastContender(FileLog.open(opening.directory(), options));
    }

    @Override
    public Tail follow(Opening opening) throws IOException {
        return HoldfastContender.tailOf(FileLog.openReadOnly(opening.directory()));
    }
}
