/** What every {@code Log} has to pass, and storage that crashes and fails on purpose. */
@org.jspecify.annotations.NullMarked
module dev.holdfast.testkit {
    requires static org.jspecify;
    requires transitive dev.holdfast.wal;
    requires transitive org.assertj.core;
    requires transitive org.junit.jupiter.api;

    exports dev.holdfast.testkit.disk;
}
