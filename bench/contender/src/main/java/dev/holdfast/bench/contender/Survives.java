package dev.holdfast.bench.contender;

/** What an acknowledged record survives. */
public enum Survives {
    /** The append waits for stable storage. */
    POWER_LOSS,
    /** The append waits only for the operating system. */
    PROCESS_CRASH
}
