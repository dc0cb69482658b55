package dev.holdfast.jraft.example;

import java.io.Serializable;

/** What the leader, or another node, says to a {@link Put}. */
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

    /** It may or may not happen. */
    static PutAnswer unknown(String leader) {
        return new PutAnswer(false, leader);
    }

    boolean isDone() {
        return done;
    }

    /** Who leads as far as the node knows; empty where it does not. */
    String leader() {
        return leader;
    }
}
