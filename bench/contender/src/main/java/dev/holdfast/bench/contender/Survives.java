package dev.holdfast.bench.contender;

/** What an acknowledged record survives. */
public enum Survives {
    /** Every acknowledgement waits for stable storage. */
    POWER_LOSS,
    /** It waits for the operating system only. */
    PROCESS_CRASH
}
