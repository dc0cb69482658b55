package dev.holdfast.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Standard output without a buffer. It distinguishes a reader that went away, as in {@code cat | head}, from a failed
 * write, for example on a full disk. Only the failed write is a failure, and the tool always reports it. The first
 * failure is final.
 */
final class StandardOutput extends OutputStream {
    /** The reader of standard output is gone. This is not a failure. */
    static final class ReaderGoneException extends IOException {
        private static final long serialVersionUID = 1L;

        ReaderGoneException(IOException cause) {
            super("the reader of standard output is gone", cause);
        }
    }

    private final OutputStream target;

    @Nullable
    private volatile IOException failure;

    StandardOutput(OutputStream target) {
        this.target = target;
    }

    /** Returns the reason why the output is incomplete, or null if it is complete or its reader went away. */
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
     * Returns whether a failed write means that the reader is gone. Every failed write to a pipe or socket counts,
     * because such a write fails only for this reason. The exception alone is not enough: it has no error number, and
     * its message is in the user's language.
     */
    private static boolean readerIsGone(IOException e) {
        return Objects.requireNonNullElse(e.getMessage(), "").contains("Broken pipe") || isPipe();
    }

    /** Returns whether standard output of this process is a pipe or a socket. */
    static boolean isPipe() {
        try {
            String to = Files.readSymbolicLink(Path.of("/proc/self/fd/1")).toString();
            return to.startsWith("pipe:") || to.startsWith("socket:");
        } catch (IOException | UnsupportedOperationException notLinux) {
            return false;
        }
    }
}
