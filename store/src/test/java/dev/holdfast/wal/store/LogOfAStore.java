package dev.holdfast.wal.store;

import java.io.IOException;

/** A log of a store that closes the whole store when it is closed. */
final class LogOfAStore extends ForwardingLog {
    private final LogStore store;

    LogOfAStore(LogStore store, String name) throws IOException {
        super(store.log(name));
        this.store = store;
    }

    @Override
    public void close() throws IOException {
        super.close();
        store.close();
    }
}
