package dev.holdfast.bench.contender;

/** Opens one kind of log. Has a public constructor without parameters, and is found by its name. */
public interface Peer {
    /**
     * Opens what is in the directory, or makes a log there.
     *
     * @throws UnsupportedOperationException if this log cannot be opened so; the message says why
     */
    Contender open(Opening opening) throws Exception;
}
