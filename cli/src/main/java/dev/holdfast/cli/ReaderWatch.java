package dev.holdfast.cli;

import java.io.File;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Notices that nobody reads standard output any more while there is nothing to write: {@code cat --follow | head} would
 * otherwise end with the next record only, which may never come. Java can not ask a pipe for that, and a write of no
 * bytes says nothing either. GNU {@code tail} can: following a file that never grows, it dies once the reader of its
 * own standard output is gone (coreutils 8.28 and later), and with this process. Where there is no such {@code tail}
 * nothing is noticed.
 */
final class ReaderWatch implements AutoCloseable {
    /** 128 and SIGPIPE. With any other code it has ended for a reason of its own. */
    private static final int DIED_OF_THE_PIPE = 141;

    private @Nullable Process tail;
    private boolean begun;

    /**
     * Whether the reader is gone. Begins to watch when it is asked first: that is early enough, and most have no need
     * of it.
     */
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
