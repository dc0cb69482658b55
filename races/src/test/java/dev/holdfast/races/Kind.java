package dev.holdfast.races;

import dev.holdfast.wal.Log;
import dev.holdfast.wal.memory.MemoryLog;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;

/** The log of a race's state: on disk or in memory, alternating between states. */
enum Kind {
    DISK,
    MEMORY;

    private static final AtomicInteger TURN = new AtomicInteger();

    static Kind another() {
        return values()[TURN.getAndIncrement() & 1];
    }

    Log open() {
        return this == DISK ? Logs.open(new SlowStorage()) : new MemoryLog();
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
