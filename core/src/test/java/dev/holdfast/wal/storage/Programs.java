package dev.holdfast.wal.storage;

import java.io.IOException;

/** Runs programs of the operating system for tests. */
public final class Programs {
    private Programs() {}

    /** Runs a program to its end and discards its output. Returns false if the program fails or does not exist. */
    public static boolean succeeds(String... command) throws InterruptedException {
        try {
            return new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false; // the program does not exist
        }
    }
}
