package dev.holdfast.jraft.example;

import java.io.Serializable;

/** The answer of a node to a {@link Put}. */
final class PutAnswer implements Serializable {
    private static final long serialVersionUID = 1;

    private final boolean done;
    private final String leader;

    private PutAnswer(boolean done, String leader) {
        this.done = done;
        this.leader = leader;
    }

    static PutAnswer done(String leader) {
        return new PutAnswer(true, leader);
    }

    /** Returns an answer for a write that may or may not be applied. */
    static PutAnswer unknown(String leader) {
        return new PutAnswer(false, leader);
    }

    boolean isDone() {
        return done;
    }

    /** Returns the address of the leader, or an empty text if the node knows no leader. */
    String leader() {
        return leader;
    }
}
