package dev.holdfast.cli;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What a command reads from and writes to. Bytes, not characters: {@code System.in} and {@code System.out} would
 * buffer, and the latter would swallow errors. Text is UTF-8 in every locale, so that what reads it need not know in
 * which it was written.
 *
 * @param outIsTerminal whether someone watches {@code out}, so that it may be laid out for people
 * @param errIsTerminal whether someone watches {@code err}, so that progress is worth drawing
 */
record Streams(InputStream in, StandardOutput out, PrintStream err, boolean outIsTerminal, boolean errIsTerminal) {
    static Streams ofProcess() {
        return new Streams(
                new FileInputStream(FileDescriptor.in),
                new StandardOutput(new FileOutputStream(FileDescriptor.out)),
                new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8),
                isTerminal(Path.of("/proc/self/fd/1")),
                isTerminal(Path.of("/proc/self/fd/2")));
    }

    /** Writes text for people or programs to standard output; whoever has had enough of it does no harm. */
    void print(String text) throws IOException {
        try {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        } catch (StandardOutput.ReaderGoneException e) {
            return;
        }
    }

    /** Before JDK 22 {@code System.console()} looks at input and output only. Elsewhere than on Linux: no progress. */
    private static boolean isTerminal(Path fileDescriptor) {
        try {
            String to = Files.readSymbolicLink(fileDescriptor).toString();
            return to.startsWith("/dev/pts/") || to.startsWith("/dev/tty") || to.equals("/dev/console");
        } catch (IOException | UnsupportedOperationException notLinux) {
            return false;
        }
    }
}
