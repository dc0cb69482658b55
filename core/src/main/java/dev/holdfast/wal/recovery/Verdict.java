package dev.holdfast.wal.recovery;

import dev.holdfast.wal.CorruptLogException;
import dev.holdfast.wal.segment.Damage;
import dev.holdfast.wal.segment.TailScan;

/** Tells whether broken bytes at the end of a log are an unfinished write or damage. */
enum Verdict {
    /** A write was interrupted before it was acknowledged. */
    TORN,
    /** Synced bytes are damaged. */
    CORRUPT;

    /**
     * Tells an unfinished write from lost data.
     *
     * <p>An intact group after the broken place does not prove loss: several writes may precede one sync, so a power
     * failure may leave later sectors on disk without earlier ones. The proof of loss is the durable id of a later
     * group: it says that a sync of the broken record had returned before the group was encoded.
     *
     * @param firstMissingId the id after the last record of the last whole batch
     * @param durableIdBehind highest durable id of the self-valid groups after the broken place, -1 if none
     */
    static Verdict of(long firstMissingId, long durableIdBehind) {
        return durableIdBehind >= firstMissingId ? CORRUPT : TORN; // seam: verdict
    }

    /**
     * Judges the bytes after the last whole batch of a tail. Fails if these bytes prove damage.
     *
     * @param consequence consequence of damage, for messages
     */
    static void check(TailScan tail, TailScan.Behind behind, String consequence) throws CorruptLogException {
        String file = tail.segment().fileName();
        long missing = tail.lastId() + 1;
        if (behind.trimPoint() > tail.trimPoint()) {
            throw Damage.at(
                            file,
                            tail.position(),
                            "no group begins here, but a later group says that records up to " + behind.trimPoint()
                                    + " had been trimmed, and no earlier group does")
                    .means("The marker of that trim is damaged, and trimmed records would come back, " + consequence)
                    .atRisk(tail.trimPoint() + 1, behind.trimPoint())
                    .restoreOrDrop(missing);
        }
        if (of(missing, behind.durableId()) == TORN) return;
        TailScan.Broken broken = tail.broken();
        Damage damage = Damage.at(
                        file,
                        broken.offset(),
                        broken.why() + ", but byte " + behind.at() + " says that record " + behind.durableId()
                                + " had been synced")
                .means("Record " + missing + " was acknowledged and is damaged, " + consequence)
                .atRisk(missing, behind.durableId());
        if (missing < behind.durableId()) {
            damage.means("At most")
                    .records(missing, behind.durableId(), "are lost: `holdfast verify <dir>` counts them.");
        }
        throw damage.restoreOrDrop();
    }
}
