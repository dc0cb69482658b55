package dev.holdfast.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Standard output, unbuffered, which tells a reader that went away ({@code cat | head}: no failure) from a write that
 * failed (a full disk: a failure, and never a silent one). The first failure is final.
 */
final class StandardOutput extends OutputStream {
    /** Whoever read the output has had enough. */
    static final class ReaderGoneException extends IOException {
        private static final long serialVersionUID = 1L;

        ReaderGoneException(IOException cause) {
            super("nobody reads standard output any more", cause);
        }
    }

    private final OutputStream target;

    @Nullable
    private volatile IOException failure;

    StandardOutput(OutputStream target) {
        this.target = target;
    }

    /** Why the output is incomplete; null where it is complete, or where nobody wanted the rest. */
    @Nullable
    IOException failure() {
        IOException first = failure;
        return first instanceof ReaderGoneException ? null : first;
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
        if (failure != null) {
            throw failure;
        }
        try {
            target.write(bytes, from, length);
            target.flush();
        } catch (IOException e) {
            IOException first = readerIsGone(e)
                    ? new ReaderGoneException(e)
                    : new IOException("standard output: " + e.getMessage(), e);
            failure = first;
            throw first;
        }
    }

    /**
     * The JDK keeps the error number to itself and its text is in the user's language, but a pipe fails in this way
     * only.
     */
    private static boolean readerIsGone(IOException e) {
        return Objects.requireNonNullElse(e.getMessage(), "").contains("Broken pipe") || isPipe();
    }

    /** Whether standard output of this process is a pipe or a socket. */
    static boolean isPipe() {
        try {
            String to = Files.readSymbolicLink(Path.of("/proc/self/fd/1")).toString();
            return to.startsWith("pipe:") || to.startsWith("socket:");
        } catch (IOException | UnsupportedOperationException notLinux) {
            return false;
        }
    }
}
