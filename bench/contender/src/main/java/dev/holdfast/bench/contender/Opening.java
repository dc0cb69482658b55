package dev.holdfast.bench.contender;

import java.nio.file.Path;

/**
 * How a contender is opened.
 *
 * @param directory its own; exists
 * @param variant one of the settings that the adapter knows, {@code default} if it knows only one
 * @param recordBytes of data in each record that will be appended or read; only the bare disk wants to know
 */
public record Opening(Path directory, String variant, Survives survives, int recordBytes) {}
