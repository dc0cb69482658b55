package dev.holdfast.testkit;

import dev.holdfast.wal.Log;
import dev.holdfast.wal.memory.MemoryLog;

class MemoryLogContractTest implements LogContract {
    @Override
    public Log openLog() {
        return new MemoryLog();
    }

    @Override
    public boolean persistent() {
        return false;
    }
}
