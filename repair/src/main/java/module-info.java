/**
 * Inspection and repair of log directories. It knows the rooms of core that read a directory, and none that appends.
 */
@SuppressWarnings("module") // those with a target are open to modules that are compiled after this one
module dev.holdfast.repair {
    requires static org.jspecify;
    requires dev.holdfast.wal;

    exports dev.holdfast.wal.inspect to
            dev.holdfast.cli;
    exports dev.holdfast.wal.repair to
            dev.holdfast.cli;
}
