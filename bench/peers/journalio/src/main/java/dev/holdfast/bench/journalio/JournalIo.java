package dev.holdfast.bench.journalio;

import dev.holdfast.bench.contender.Contender;
import dev.holdfast.bench.contender.Opening;
import dev.holdfast.bench.contender.Peer;
import dev.holdfast.bench.contender.Survives;
import java.io.IOException;
import journal.io.api.JournalBuilder;

/** Journal.IO with physical sync and checksums. */
public final class JournalIo implements Peer {
    private static final int FILE_BYTES = 64 << 20;
    private static final int BATCH_BYTES = 1 << 20;

    @Override
    public Contender open(Opening opening) throws IOException {
        return new JournalIoContender(JournalBuilder.of(opening.directory().toFile())
                .setPhysicalSync(opening.survives() == Survives.POWER_LOSS)
                .setChecksum(true)
                .setMaxFileLength(FILE_BYTES)
                .setMaxWriteBatchSize(BATCH_BYTES)
                .open());
    }
}
