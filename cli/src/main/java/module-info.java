/** The tool {@code holdfast}. It is built on the public log, and on the storage behind it where it looks at files. */
@SuppressWarnings("requires-automatic") // HdrHistogram is no module
module dev.holdfast.cli {
    requires static org.jspecify;
    requires HdrHistogram;
    requires com.fasterxml.jackson.core;
    requires dev.holdfast.repair;
    requires dev.holdfast.testkit;
    requires dev.holdfast.wal;
    requires info.picocli;
    requires me.tongfei.progressbar;

    opens dev.holdfast.cli to
            info.picocli;
}
