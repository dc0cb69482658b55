package dev.holdfast.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/**
 * {@code holdfast bench}: names the launcher that runs the benchmarks, because the runnable jar does not contain them.
 */
@Command(
        name = "bench",
        description = {
            "Measures the log on this machine.",
            "This jar does not contain the benchmarks. Run the script ./holdfast of a source tree: "
                    + "it builds and runs them."
        },
        footer = {"", "Examples:", "  ./holdfast bench --help"})
final class BenchCommand implements Callable<Integer> {
    @Override
    public Integer call() throws IOException {
        throw new IOException(
                "this jar does not contain the benchmarks: run ./holdfast bench in a source tree that has them");
    }
}
