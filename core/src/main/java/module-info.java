/**
 * The Holdfast write-ahead log. It needs nothing at run time but {@code java.base}, and uses other modules of the JDK.
 */
@SuppressWarnings("module") // the modules that qualified exports name are compiled after this one
module dev.holdfast.wal {
    requires static jdk.unsupported; // for writes that bypass the page cache
    requires static org.jspecify;

    exports dev.holdfast.wal;
    exports dev.holdfast.wal.memory;
    exports dev.holdfast.wal.file;
    exports dev.holdfast.wal.catalog to
            dev.holdfast.repair,
            dev.holdfast.testkit,
            dev.holdfast.cli;
    exports dev.holdfast.wal.chain to
            dev.holdfast.repair;
    exports dev.holdfast.wal.commit to
            dev.holdfast.store,
            dev.holdfast.testkit,
            dev.holdfast.cli;
    exports dev.holdfast.wal.engine to
            dev.holdfast.testkit,
            dev.holdfast.cli;
    exports dev.holdfast.wal.format to
            dev.holdfast.repair,
            dev.holdfast.cli;
    exports dev.holdfast.wal.ids to
            dev.holdfast.bookkeeper,
            dev.holdfast.store;
    exports dev.holdfast.wal.recovery to
            dev.holdfast.repair,
            dev.holdfast.testkit,
            dev.holdfast.cli;
    exports dev.holdfast.wal.segment to
            dev.holdfast.repair;
    exports dev.holdfast.wal.storage to
            dev.holdfast.repair,
            dev.holdfast.testkit,
            dev.holdfast.cli;
    exports dev.holdfast.wal.threads to
            dev.holdfast.bookkeeper,
            dev.holdfast.store,
            dev.holdfast.testkit,
            dev.holdfast.cli;
}
