package dev.holdfast.wal.recovery;

import dev.holdfast.wal.catalog.Catalog;
import dev.holdfast.wal.chain.Chain;
import dev.holdfast.wal.segment.SegmentWriter;

/** A log that is ready for writing. All of its records are synced. */
public record Recovered(Chain chain, SegmentWriter writer, Catalog catalog, OpenReport report) {}
