package dev.holdfast.cli;

import java.io.File;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Detects that the reader of standard output is gone while there is nothing to write. Without this detection,
 * {@code cat --follow | head} would end only at the next record, which may never come.
 *
 * <p>Java cannot query the state of a pipe, and a write of zero bytes does not report it. GNU {@code tail} (coreutils
 * 8.28 and later) detects that the reader is gone: {@code tail -f} on a file that never grows is killed by SIGPIPE when
 * the reader of its own standard output is gone. This class therefore starts such a {@code tail} on the same pipe. The
 * {@code tail} also ends when this process ends. If no such {@code tail} is installed, nothing is detected.
 */
final class ReaderWatch implements AutoCloseable {
    /** Exit code 128 + SIGPIPE. Any other exit code says nothing about the reader. */
    private static final int DIED_OF_THE_PIPE = 141;

    private @Nullable Process tail;
    private boolean begun;

    /** Returns whether the reader is gone. The watch starts at the first call, as most runs need none. */
    boolean isGone() {
        if (!begun) {
            begun = true;
            tail = StandardOutput.isPipe() ? tail() : null;
        }
        return tail != null && !tail.isAlive() && tail.exitValue() == DIED_OF_THE_PIPE;
    }

    private static @Nullable Process tail() {
        try {
            String end = "--pid=" + ProcessHandle.current().pid();
            return new ProcessBuilder(List.of("tail", "-f", end, "/dev/null"))
                    .redirectInput(new File("/dev/null"))
                    .redirectOutput(ProcessBuilder.Redirect.INHERIT)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException noSuchProgram) {
            return null;
        }
    }

    @Override
    public void close() {
        if (tail != null) {
            tail.destroy();
        }
    }
}
