package dev.holdfast.bench.contender;

import java.nio.file.Path;

/**
 * How to open a contender.
 *
 * @param directory the contender's own directory, which exists
 * @param variant one of the settings that the adapter supports; {@code default} if it has only one
 * @param recordBytes bytes of data in each record that is appended or read; only the bare disk needs them
 */
public record Opening(Path directory, String variant, Survives survives, int recordBytes) {}
