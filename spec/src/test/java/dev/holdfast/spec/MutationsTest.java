package dev.holdfast.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Plants mistakes in the modules. For each, TLC must find a state that breaks exactly the promises named beside it, or
 * a behaviour in which what was promised never comes true.
 */
class MutationsTest {
    @TempDir
    Path folder;

    @TestFactory
    List<DynamicContainer> mistakeBreaksItsPromises() throws IOException {
        return List.of(
                tests(Model.of("Log"), LogMutations.ALL),
                tests(Model.of("Store"), StoreMutations.ALL),
                tests(Model.of("LogLive", "Log"), LiveMutations.OF_LOG),
                tests(Model.of("StoreLive", "Store"), LiveMutations.OF_STORE));
    }

    private DynamicContainer tests(Model model, List<Mutation> mutations) {
        List<DynamicTest> tests = new ArrayList<>();
        for (Mutation mutation : mutations) {
            Path own = folder.resolve(model.name() + tests.size());
            CompletableFuture<Tlc.Result> run = Tlc.start(mutation.applied(model), own);
            tests.add(DynamicTest.dynamicTest(mutation.mistake(), () -> {
                Tlc.Result result = run.join();
                assertThat(result.broken()).as(result.output()).isEqualTo(mutation.broken());
            }));
        }
        return DynamicContainer.dynamicContainer(model.name(), tests);
    }
}
