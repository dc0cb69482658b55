package dev.holdfast.testkit.explorer;

import java.util.List;

/** Something that was asked of a log and that a crash leaves done or not done, whole. Compared by identity. */
abstract class Change {
    private final String text;

    private Change(String text) {
        this.text = text;
    }

    abstract Contents appliedTo(Contents before);

    /** True for appends: a log that shows the last record of one has done it. */
    boolean appends() {
        return false;
    }

    /** True for what may remove the newest records: a reader that was shown one of those is told. */
    boolean cuts() {
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
            boolean cuts() {
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
            boolean cuts() {
                return true;
            }
        };
    }
}
