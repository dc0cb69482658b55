package dev.holdfast.cli;

import java.io.IOException;

/** A line of the input has more bytes than a record may have. */
final class LineTooLongException extends IOException {
    private static final long serialVersionUID = 1L;

    LineTooLongException(long lineNumber, int maxLineBytes) {
        super("line " + lineNumber + " is longer than a record may be, which is " + maxLineBytes + " bytes");
    }
}
