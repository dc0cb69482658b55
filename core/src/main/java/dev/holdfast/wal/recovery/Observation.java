package dev.holdfast.wal.recovery;

import dev.holdfast.wal.segment.Catalog;
import java.util.OptionalLong;

/**
 * What a directory shows to someone who only reads.
 *
 * @param catalog what it holds, as far as may be shown
 * @param closed whether the log was cleanly closed
 * @param tornBytes bytes of an unfinished write behind it, where nobody writes
 * @param unprovenFrom the first record shown whose durability nothing on the disk proves
 */
public record Observation(Catalog catalog, boolean closed, long tornBytes, OptionalLong unprovenFrom) {}
