package dev.holdfast.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Checks the module Log: in every behaviour within the bounds, the promises G1 to G4, G6, G7, G9 and G12 hold.
 * {@code -Dholdfast.spec=large} checks larger bounds.
 */
class LogModelTest {
    private static final boolean LARGE = "large".equals(System.getProperty("holdfast.spec"));

    @TempDir
    Path folder;

    @Test
    void logKeepsItsPromises() throws IOException {
        Model model = Model.of("Log");
        if (LARGE) {
            model = model.with("MaxRecords", 3).with("MaxRemovals", 2).with("MaxCrashes", 2);
        }
        List<CompletableFuture<Tlc.Result>> runs = List.of(
                Tlc.start(model.with("SyncEach", true), folder.resolve("power-loss")),
                Tlc.start(model.with("SyncEach", false), folder.resolve("process-crash")));
        for (CompletableFuture<Tlc.Result> run : runs) {
            Tlc.Result result = run.join();
            assertThat(result.broken()).as(result.output()).isEmpty();
            System.out.println("TLC: Log: " + result.states() + " distinct states");
            assertThat(result.states()).isGreaterThan(100_000);
        }
    }
}
