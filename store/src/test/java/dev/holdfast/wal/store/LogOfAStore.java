package dev.holdfast.wal.store;

import java.io.Closeable;
import java.io.IOException;

/** A log of a store that closes the whole store when it is closed. */
final class LogOfAStore extends ForwardingLog {
    private final LogStore store;
    private final Closeable before;

    LogOfAStore(LogStore store, String name) throws IOException {
        this(store, name, () -> {});
    }

    /** Closes something else before the store. */
    LogOfAStore(LogStore store, String name, Closeable before) throws IOException {
        super(store.log(name));
        this.store = store;
        this.before = before;
    }

    @Override
    public void close() throws IOException {
        super.close();
        before.close();
        store.close();
    }
}
