package dev.holdfast.races;

import dev.holdfast.wal.memory.MemoryLog;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Options;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.junit.jupiter.api.Test;

/**
 * Whatever threads call at once, each call is answered as if they had been made one after the other: Lincheck runs random
 * histories and looks for an order that explains the answers of each. {@code -Dholdfast.lincheck=10} runs ten times as many.
 */
class LinearizabilityTest {
    private static final int TIMES = Integer.getInteger("holdfast.lincheck", 1);

    /** On files in memory. */
    public static class Readers extends LogOperations.WithReaders {
        public Readers() {
            super(Logs.open(new RamStorage()));
        }
    }

    /** On files in memory. */
    public static class Writers extends LogOperations.WithExplicitIds {
        public Writers() {
            super(Logs.open(new RamStorage()));
        }
    }

    /** In memory. */
    public static class ReadersInMemory extends LogOperations.WithReaders {
        public ReadersInMemory() {
            super(new MemoryLog());
        }
    }

    /** In memory. */
    public static class WritersInMemory extends LogOperations.WithExplicitIds {
        public WritersInMemory() {
            super(new MemoryLog());
        }
    }

    @Test
    void readersAndWritersOfAStoredLog() {
        stress().sequentialSpecification(ReadersInMemory.class).check(Readers.class);
    }

    @Test
    void writersOfAStoredLogWithExplicitIds() {
        stress().sequentialSpecification(WritersInMemory.class).check(Writers.class);
    }

    @Test
    void readersAndWritersOfAMemoryLog() {
        stress().check(ReadersInMemory.class);
    }

    @Test
    void writersOfAMemoryLogWithExplicitIds() {
        stress().check(WritersInMemory.class);
    }

    @Test
    void chosenInterleavingsOfAMemoryLog() {
        modelChecking().check(ReadersInMemory.class);
    }

    private static StressOptions stress() {
        return sized(new StressOptions(), 5, 300);
    }

    private static ModelCheckingOptions modelChecking() {
        return sized(new ModelCheckingOptions(), 2, 30);
    }

    private static <O extends Options<O, ?>> O sized(O options, int iterations, int invocations) {
        return options.iterations(iterations * TIMES)
                .invocationsPerIteration(invocations)
                .threads(2)
                .actorsPerThread(4)
                .actorsBefore(0)
                .actorsAfter(0);
    }
}
