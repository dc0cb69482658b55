package dev.holdfast.bench.chronicle;

import dev.holdfast.bench.contender.Contender;
import dev.holdfast.bench.contender.Opening;
import dev.holdfast.bench.contender.Peer;
import dev.holdfast.bench.contender.Survives;
import net.openhft.chronicle.bytes.SyncMode;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueueBuilder;
import net.openhft.chronicle.queue.rollcycles.LargeRollCycles;

/**
 * Chronicle Queue with a sync after each batch. The variant {@code unsynced} has no sync, which is the usual setting.
 */
public final class Chronicle implements Peer {
    private static final long BLOCK_BYTES = 64L << 20;

    @Override
    public Contender open(Opening opening) {
        boolean syncs =
                opening.survives() == Survives.POWER_LOSS && !opening.variant().equals("unsynced");
        return new ChronicleContender(
                SingleChronicleQueueBuilder.binary(opening.directory())
                        .blockSize(BLOCK_BYTES)
                        .rollCycle(LargeRollCycles.LARGE_DAILY)
                        .syncMode(syncs ? SyncMode.SYNC : SyncMode.NONE)
                        .build(),
                syncs);
    }
}
