package dev.holdfast.bench.raft;

import java.io.Serializable;

/**
 * A request to replicate bytes. The answer is whether the group acknowledged them. This is not a Java record, because
 * the serializer of JRaft's RPC does not support records.
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
