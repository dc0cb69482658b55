package dev.holdfast.jraft.example;

import java.io.Serializable;

/** A client's request to the leader. It is a class, because the serializer of JRaft's RPC does not support records. */
final class Put implements Serializable {
    private static final long serialVersionUID = 1;

    private final String key;
    private final String value;

    Put(String key, String value) {
        this.key = key;
        this.value = value;
    }

    String key() {
        return key;
    }

    String value() {
        return value;
    }
}
