package dev.holdfast.wal.recovery;

import dev.holdfast.wal.catalog.Catalog;
import java.util.OptionalLong;

/**
 * The contents of a log, as a read-only log may publish them.
 *
 * @param catalog the records that may be published
 * @param closed whether the log was closed cleanly
 * @param tornBytes bytes of an unfinished write after the last record; 0 if a writer has the log open
 * @param unprovenFrom the first published record that nothing on disk proves to be synced
 */
public record Observation(Catalog catalog, boolean closed, long tornBytes, OptionalLong unprovenFrom) {}
