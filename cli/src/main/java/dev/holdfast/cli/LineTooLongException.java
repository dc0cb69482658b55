package dev.holdfast.cli;

import java.io.IOException;

/** A line of the input is longer than the size limit of a record. */
final class LineTooLongException extends IOException {
    private static final long serialVersionUID = 1L;

    LineTooLongException(long lineNumber, int maxLineBytes) {
        super("line " + lineNumber + " is longer than a record may be: the limit is " + maxLineBytes + " bytes");
    }
}
