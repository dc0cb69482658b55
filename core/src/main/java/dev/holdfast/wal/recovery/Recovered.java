package dev.holdfast.wal.recovery;

import dev.holdfast.wal.segment.Catalog;
import dev.holdfast.wal.segment.Chain;
import dev.holdfast.wal.segment.SegmentWriter;

/**
 * A log that is ready to be written. All of its records are synced.
 *
 * @param chain its segments
 * @param writer of the tail
 * @param catalog what it holds
 * @param trimPoint in force
 * @param report what recovery found and did
 */
public record Recovered(Chain chain, SegmentWriter writer, Catalog catalog, long trimPoint, OpenReport report) {}
