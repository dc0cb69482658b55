package dev.holdfast.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Prints ids, one per line. If the reader of standard output disconnects, the printing stops and the appending
 * continues.
 */
final class IdPrinter {
    private final OutputStream out;
    private boolean readerGone;

    IdPrinter(OutputStream out) {
        this.out = out;
    }

    void print(long firstId, int count) throws IOException {
        if (readerGone) {
            return;
        }
        StringBuilder text = new StringBuilder();
        for (long id = firstId; id < firstId + count; id++) {
            text.append(id).append('\n');
        }
        try {
            out.write(text.toString().getBytes(StandardCharsets.US_ASCII));
            out.flush();
        } catch (StandardOutput.ReaderGoneException e) {
            readerGone = true;
        }
    }
}
