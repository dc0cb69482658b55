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
 * deleted comes back, nothing live is trimmed, on a full disk a removal has room, each call is answered, and the space
 * behind a lagging log returns. {@code -Dholdfast.spec=large} checks larger bounds.
 */
class StoreModelTest {
    @TempDir
    Path folder;

    @Test
    void storeKeepsItsPromises() throws IOException {
        Model model = Model.of("Store");
        Model two = Tlc.LARGE
                ? model.with("MaxTroubles", 2)
                : model.with("MaxOps", 3).with("MaxOwn", 2);
        List<CompletableFuture<Tlc.Result>> runs = List.of(
                Tlc.start(model.with("Names", "{\"a\"}").with("MaxOps", Tlc.LARGE ? 4 : 3), folder.resolve("one")),
                Tlc.start(two, folder.resolve("two")));
        for (CompletableFuture<Tlc.Result> run : runs) {
            Tlc.Result result = run.join();
            assertThat(result.broken()).as(result.output()).isEmpty();
            System.out.println("TLC: Store: " + result.states() + " distinct states");
            assertThat(result.states()).isGreaterThan(10_000);
        }
    }

    @Test
    void everyCallIsAnsweredAndTheSpaceOfALaggardReturns() throws IOException {
        Model model = Model.of("StoreLive", "Store");
        Model large = model.with("MaxOps", 3).with("Kept", 11).with("Capacity", 22);
        Tlc.Result result =
                Tlc.start(Tlc.LARGE ? large : model, folder.resolve("live")).join();
        assertThat(result.broken()).as(result.output()).isEmpty();
        System.out.println("TLC: StoreLive: " + result.states() + " distinct states");
        assertThat(result.states()).isGreaterThan(10_000);
    }
}
