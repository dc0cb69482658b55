package dev.holdfast.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Checks the module Store: in every behaviour within the bounds, each log is what its acknowledged calls say, nothing
 * deleted comes back, nothing live is trimmed, and on a full disk a removal has room. {@code -Dholdfast.spec=large}
 * checks larger bounds.
 */
class StoreModelTest {
    private static final boolean LARGE = "large".equals(System.getProperty("holdfast.spec"));

    @TempDir
    Path folder;

    @Test
    void storeKeepsItsPromises() throws IOException {
        Model model = Model.of("Store");
        List<CompletableFuture<Tlc.Result>> runs = List.of(
                Tlc.start(model.with("Names", "{\"a\"}").with("MaxOps", LARGE ? 4 : 3), folder.resolve("one")),
                Tlc.start(model.with("MaxOps", 3).with("MaxOwn", LARGE ? 3 : 2), folder.resolve("two")));
        for (CompletableFuture<Tlc.Result> run : runs) {
            Tlc.Result result = run.join();
            assertThat(result.broken()).as(result.output()).isEmpty();
            System.out.println("TLC: Store: " + result.states() + " distinct states");
            assertThat(result.states()).isGreaterThan(10_000);
        }
    }

    @Test
    void everyCallIsAnswered() throws IOException {
        Model model =
                Model.of("Store").with("Names", "{\"a\"}").with("MaxOps", 2).with("MaxOwn", 1);
        Tlc.Result result = Tlc.run(
                model.specified("LiveSpec", "Promises").configured("PROPERTY Answered"), folder.resolve("live"));
        assertThat(result.broken()).as(result.output()).isEmpty();
    }
}
