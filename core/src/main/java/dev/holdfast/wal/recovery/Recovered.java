package dev.holdfast.wal.recovery;

import dev.holdfast.wal.segment.Catalog;
import dev.holdfast.wal.segment.Chain;
import dev.holdfast.wal.segment.SegmentWriter;

/** A log that is ready for writing. All of its records are synced. */
public record Recovered(Chain chain, SegmentWriter writer, Catalog catalog, long trimPoint, OpenReport report) {}
