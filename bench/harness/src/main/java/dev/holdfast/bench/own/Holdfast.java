package dev.holdfast.bench.own;

import dev.holdfast.bench.contender.Contender;
import dev.holdfast.bench.contender.FollowsFromOutside;
import dev.holdfast.bench.contender.HasSegments;
import dev.holdfast.bench.contender.Opening;
import dev.holdfast.bench.contender.Peer;
import dev.holdfast.bench.contender.Survives;
import dev.holdfast.bench.contender.Tails.Tail;
import dev.holdfast.wal.file.Durability;
import dev.holdfast.wal.file.FileLog;
import dev.holdfast.wal.file.FileLogOptions;
import java.io.IOException;

/** Holdfast with default options. */
public final class Holdfast implements Peer, FollowsFromOutside, HasSegments {
    private static final int SMALLEST_SEGMENT_BYTES = 8 << 10;

    @Override
    public Contender open(Opening opening) throws IOException {
        return open(opening, FileLogOptions.builder());
    }

    @Override
    public Segmented openSmall(Opening opening) throws IOException {
        return open(opening, FileLogOptions.builder().segmentBytes(SMALLEST_SEGMENT_BYTES));
    }

    private static HoldfastContender open(Opening opening, FileLogOptions.Builder options) throws IOException {
        Durability durability =
                opening.survives() == Survives.POWER_LOSS ? Durability.POWER_LOSS : Durability.PROCESS_CRASH;
        return new HoldfastContender(
                FileLog.open(opening.directory(), options.durability(durability).build()));
    }

    @Override
    public AutoCloseable openReadOnly(Opening opening) throws IOException {
        return FileLog.openReadOnly(opening.directory());
    }

    @Override
    public Tail follow(Opening opening) throws IOException {
        return HoldfastContender.tailOf(FileLog.openReadOnly(opening.directory()));
    }
}
