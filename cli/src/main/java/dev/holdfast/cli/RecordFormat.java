package dev.holdfast.cli;

/** The formats in which records are written to standard output. The names are those of the command line. */
enum RecordFormat {
    text,
    hex,
    base64,
    json,
    length
}
