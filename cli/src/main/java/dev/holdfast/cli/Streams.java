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
 * The input and output streams of a command: byte streams of the tool's own, because {@code System.in} and
 * {@code System.out} buffer, and {@code System.out} hides errors. Text is UTF-8 in every locale, so that a program that
 * reads the output need not know the locale.
 *
 * @param outIsTerminal whether {@code out} is a terminal, so that output is laid out for people
 * @param errIsTerminal whether {@code err} is a terminal, so that progress is drawn
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

    /** Writes text to standard output, and ignores a reader that has gone away. */
    void print(String text) throws IOException {
        try {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        } catch (StandardOutput.ReaderGoneException e) {
            return;
        }
    }

    /**
     * Returns whether a file descriptor is a terminal. Asks {@code /proc}, because before JDK 22
     * {@code System.console()} also depends on standard input. Returns false on systems other than Linux, so no
     * progress is drawn there.
     */
    private static boolean isTerminal(Path fileDescriptor) {
        try {
            String to = Files.readSymbolicLink(fileDescriptor).toString();
            return to.startsWith("/dev/pts/") || to.startsWith("/dev/tty") || to.equals("/dev/console");
        } catch (IOException | UnsupportedOperationException notLinux) {
            return false;
        }
    }
}
