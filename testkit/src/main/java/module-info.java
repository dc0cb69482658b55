/** What every {@code Log} has to pass, and a disk that crashes and fails on purpose. */
module dev.holdfast.testkit {
    requires static org.jspecify;
    requires transitive dev.holdfast.wal;
    requires transitive org.assertj.core;
    requires transitive org.junit.jupiter.api;

    exports dev.holdfast.testkit;
    exports dev.holdfast.testkit.disk;
    exports dev.holdfast.testkit.explorer;
}
