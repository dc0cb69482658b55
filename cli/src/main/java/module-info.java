/**
 * The command-line tool {@code holdfast}. It uses the public API of the log, and the storage layer to inspect files.
 */
@SuppressWarnings("requires-automatic") // HdrHistogram is an automatic module
module dev.holdfast.cli {
    requires static org.jspecify;
    requires HdrHistogram;
    requires com.fasterxml.jackson.core;
    requires dev.holdfast.repair;
    requires dev.holdfast.store;
    requires dev.holdfast.testkit;
    requires dev.holdfast.wal;
    requires info.picocli;
    requires me.tongfei.progressbar;

    opens dev.holdfast.cli to
            info.picocli;
}
