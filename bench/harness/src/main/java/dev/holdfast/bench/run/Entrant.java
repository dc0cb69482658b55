package dev.holdfast.bench.run;

/**
 * A contender of the benchmark: an adapter with one variant of its settings.
 *
 * @param name name in the report
 * @param module module with its class path, relative to the directory of the bench
 * @param artifact name of the jar whose version the report gives
 * @param peer class of the adapter
 * @param variant variant that is passed to the adapter
 * @param role role in the comparison
 * @param settings description of the settings for readers of the report
 */
public record Entrant(
        String name, String module, String artifact, String peer, String variant, Role role, String settings) {

    /** The role of an entrant in the comparison. */
    public enum Role {
        /** The bare disk, to which all others are compared. */
        DISK,
        /** Holdfast itself. */
        HOLDFAST,
        /** Another durable log. */
        PEER,
        /** A log that acknowledges before the disk has the record. It is reported separately and never as a peer. */
        NOT_DURABLE
    }
}
