package dev.holdfast.bench.raft;

import java.io.Serializable;

/**
 * Bytes to be replicated; the answer is whether they were. No record: the serializer of JRaft's RPC does not know them.
 */
final class Write implements Serializable {
    private static final long serialVersionUID = 1;

    private final byte[] payload;

    Write(byte[] payload) {
        this.payload = payload;
    }

    byte[] payload() {
        return payload;
    }
}
