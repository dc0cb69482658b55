/** Many logs on one shared log, so that the appends of all of them share each sync. */
module dev.holdfast.store {
    requires static org.jspecify;
    requires transitive dev.holdfast.wal;

    exports dev.holdfast.wal.store;
}
