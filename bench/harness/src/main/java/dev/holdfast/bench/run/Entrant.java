package dev.holdfast.bench.run;

/**
 * One of those that are measured: an adapter with a variant of its settings.
 *
 * @param name what the report calls it
 * @param module where its class path stands, under the directory of the bench
 * @param artifact what the jar is called whose version the report shows
 * @param peer the adapter's class
 * @param variant what the adapter is told
 * @param role what it is measured for
 * @param settings what a reader of the report has to know of how it is set up
 */
public record Entrant(
        String name, String module, String artifact, String peer, String variant, Role role, String settings) {

    /** What an entrant is measured for. */
    public enum Role {
        /** What every other is compared to. */
        DISK,
        /** What this is all about. */
        HOLDFAST,
        /** A durable log that others use. */
        PEER,
        /** Acknowledges before the disk has it: shown apart, and no peer. */
        NOT_DURABLE
    }
}
