package dev.holdfast.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code holdfast bench}: the launcher starts it, as the runnable jar has no benchmarks in it. */
@Command(
        name = "bench",
        description = {
            "Measures the log on this machine.",
            "The benchmarks are not in this jar: the script ./holdfast of a source tree builds and runs them."
        },
        footer = {"", "Examples:", "  ./holdfast bench --help"})
final class BenchCommand implements Callable<Integer> {
    @Override
    public Integer call() throws IOException {
        throw new IOException(
                "the benchmarks are not in this jar: run ./holdfast bench in a source tree that has them");
    }
}
