package dev.holdfast.bench.h2;

import dev.holdfast.bench.contender.Contender;
import dev.holdfast.bench.contender.Opening;
import dev.holdfast.bench.contender.Peer;
import dev.holdfast.bench.contender.Survives;
import org.h2.mvstore.MVStore;

/** H2's MVStore: records in a map with consecutive keys. Each batch is committed and synced. */
public final class H2 implements Peer {
    @Override
    public Contender open(Opening opening) {
        MVStore store = new MVStore.Builder()
                .fileName(opening.directory().resolve("log.mv.db").toString())
                .autoCommitDisabled()
                .open();
        // Space is reused without a delay. The store still survives a crash, because each commit is synced.
        store.setRetentionTime(0);
        return new H2Contender(store, opening.survives() == Survives.POWER_LOSS);
    }
}
