package dev.holdfast.cli;

/** How records are written to standard output; spelled as on the command line. */
enum RecordFormat {
    text,
    hex,
    base64,
    json,
    length
}
