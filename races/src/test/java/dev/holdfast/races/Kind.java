package dev.holdfast.races;

import dev.holdfast.wal.Log;
import dev.holdfast.wal.memory.MemoryLog;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;

/** Which log a state of a race has: each has the other one. */
enum Kind {
    DISK,
    MEMORY;

    private static final AtomicInteger TURN = new AtomicInteger();

    static Kind another() {
        return values()[TURN.getAndIncrement() & 1];
    }

    Log open() {
        return this == DISK ? Logs.open(new RamStorage()) : new MemoryLog();
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
