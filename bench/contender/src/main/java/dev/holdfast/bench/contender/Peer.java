package dev.holdfast.bench.contender;

/**
 * Opens one kind of log. An implementation has a public constructor without parameters and is loaded by its class name.
 */
public interface Peer {
    /**
     * Opens the log in the directory, or creates one.
     *
     * @throws UnsupportedOperationException if the contender does not support this opening; the message gives the
     *     reason
     */
    Contender open(Opening opening) throws Exception;
}
