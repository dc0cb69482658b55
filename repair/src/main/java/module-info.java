/**
 * Inspects and repairs log directories. Depends on the packages of core that read a directory, and on no package that
 * appends.
 */
@SuppressWarnings("module") // exports to modules that are compiled after this one
module dev.holdfast.repair {
    requires static org.jspecify;
    requires dev.holdfast.wal;

    exports dev.holdfast.wal.inspect to
            dev.holdfast.cli;
    exports dev.holdfast.wal.repair to
            dev.holdfast.cli;
}
