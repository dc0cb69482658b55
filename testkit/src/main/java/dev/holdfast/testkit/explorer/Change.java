package dev.holdfast.testkit.explorer;

import java.util.List;

/**
 * A change that was requested from a log. A crash leaves the change either complete or absent. Compared by identity.
 */
abstract class Change {
    private final String text;

    private Change(String text) {
        this.text = text;
    }

    abstract Contents appliedTo(Contents before);

    /** Returns whether the change is an append. An append is complete if the log returns the append's last record. */
    boolean appends() {
        return false;
    }

    /**
     * Returns whether the change can remove the newest records. A cursor that has returned one of the removed records
     * must report the removal.
     */
    boolean removesNewest() {
        return false;
    }

    @Override
    public String toString() {
        return text;
    }

    static Change append(List<Payload> batch) {
        return new Change("append " + batch.stream().map(Payload::length).toList()) {
            @Override
            Contents appliedTo(Contents before) {
                return before.append(batch);
            }

            @Override
            boolean appends() {
                return true;
            }
        };
    }

    static Change jump(long id) {
        return new Change("jump to " + id) {
            @Override
            Contents appliedTo(Contents before) {
                return before.jump(id);
            }
        };
    }

    static Change truncate(long lastToKeep) {
        return new Change("truncate(" + lastToKeep + ")") {
            @Override
            Contents appliedTo(Contents before) {
                return before.truncate(lastToKeep);
            }

            @Override
            boolean removesNewest() {
                return true;
            }
        };
    }

    static Change trim(long discardUpTo) {
        return new Change("trim(" + discardUpTo + ")") {
            @Override
            Contents appliedTo(Contents before) {
                return before.trim(discardUpTo);
            }
        };
    }

    static Change reset(long nextId) {
        return new Change("reset(" + nextId + ")") {
            @Override
            Contents appliedTo(Contents before) {
                return before.reset(nextId);
            }

            @Override
            boolean removesNewest() {
                return true;
            }
        };
    }
}
