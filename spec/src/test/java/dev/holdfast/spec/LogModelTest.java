package dev.holdfast.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Checks the module Log: in every behaviour within the bounds, the promises G1 to G4, G6, G7, G9 and G12 hold, each
 * append is answered, and each operation and each recovery ends. {@code -Dholdfast.spec=large} checks larger bounds.
 */
class LogModelTest {
    @TempDir
    Path folder;

    @Test
    void logKeepsItsPromises() throws IOException {
        Model model = Model.of("Log");
        Model moreCrashes = model.with("MaxCrashes", 2);
        Model processCrash = model.with("SyncEach", false);
        List<CompletableFuture<Tlc.Result>> runs = Tlc.LARGE
                ? List.of(
                        Tlc.start(moreCrashes.with("MaxRecords", 3), folder.resolve("records")),
                        Tlc.start(moreCrashes.with("MaxRemovals", 2), folder.resolve("removals")),
                        Tlc.start(moreCrashes.with("MaxRemovals", 2).with("Room", 3), folder.resolve("room")),
                        Tlc.start(processCrash, folder.resolve("process-crash")))
                : List.of(
                        Tlc.startLong(model, folder.resolve("power-loss")),
                        Tlc.start(processCrash.with("MaxMarkers", 0), folder.resolve("process-crash")),
                        Tlc.start(processCrash.with("MaxRemovals", 0), folder.resolve("process-crash-markers")));
        long states = 0;
        for (CompletableFuture<Tlc.Result> run : runs) {
            Tlc.Result result = run.join();
            assertThat(result.broken()).as(result.output()).isEmpty();
            System.out.println("TLC: Log: " + result.states() + " distinct states");
            states += result.states();
        }
        assertThat(states).isGreaterThan(250_000);
    }

    @Test
    void everyCallIsAnswered() throws IOException {
        Model model = Model.of("LogLive", "Log");
        int markers = Tlc.LARGE ? 1 : 0;
        Model fewer = model.with("MaxRecords", Tlc.LARGE ? 3 : 2).with("MaxMarkers", markers);
        Model processCrash = model.with("SyncEach", false);
        List<CompletableFuture<Tlc.Result>> runs = List.of(
                Tlc.start(fewer.with("MaxCrashes", 1), folder.resolve("crashes")),
                Tlc.start(
                        processCrash.with("MaxCrashes", markers).with("MaxMarkers", 1),
                        folder.resolve("process-crash")),
                Tlc.start(fewer.with("MaxRemovals", 1), folder.resolve("removals")));
        for (CompletableFuture<Tlc.Result> run : runs) {
            Tlc.Result result = run.join();
            assertThat(result.broken()).as(result.output()).isEmpty();
            System.out.println("TLC: LogLive: " + result.states() + " distinct states");
            assertThat(result.states()).isGreaterThan(1_000);
        }
    }
}
