/** Contract tests for every {@code Log}, a simulated disk that crashes and fails, and a crash explorer. */
module dev.holdfast.testkit {
    requires static org.jspecify;
    requires transitive dev.holdfast.wal;
    requires transitive org.assertj.core;
    requires transitive org.junit.jupiter.api;

    exports dev.holdfast.testkit;
    exports dev.holdfast.testkit.disk;
    exports dev.holdfast.testkit.explorer;
}
