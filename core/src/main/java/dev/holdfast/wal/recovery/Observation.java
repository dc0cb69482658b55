package dev.holdfast.wal.recovery;

import dev.holdfast.wal.catalog.Catalog;

/** The records that a read-only log may publish, and how they were found. */
public record Observation(Catalog catalog, OpenReport report) {}
