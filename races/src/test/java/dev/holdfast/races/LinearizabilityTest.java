package dev.holdfast.races;

import dev.holdfast.wal.memory.MemoryLog;
import dev.holdfast.wal.storage.ForwardingStorage;
import dev.holdfast.wal.storage.HeapStorage;
import java.util.List;
import java.util.stream.Stream;
import kotlin.jvm.functions.Function1;
import org.jetbrains.kotlinx.lincheck.Actor;
import org.jetbrains.kotlinx.lincheck.execution.ExecutionScenario;
import org.jetbrains.lincheck.datastructures.ManagedStrategyGuaranteeKt;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.junit.jupiter.api.Test;

/**
 * Checks that concurrent calls are answered as if they were made one after the other. Lincheck runs random histories
 * and selected interleavings of a few histories. For each history it searches an order of the calls that explains all
 * answers. {@code -Dholdfast.lincheck=10} runs ten times as many histories.
 */
class LinearizabilityTest {
    private static final int TIMES = Integer.getInteger("holdfast.lincheck", 1);

    /** More than the places at which model checking can switch from an append to a read, or back. */
    private static final int STEPS = 200;

    /** Reads and appends on a stored log with files in memory. */
    public static class Readers extends LogOperations.WithReaders {
        public Readers() {
            super(Logs.open(new SlowStorage()));
        }
    }

    /** Appends with explicit ids on a stored log with files in memory. */
    public static class Writers extends LogOperations.WithExplicitIds {
        public Writers() {
            super(Logs.open(new SlowStorage()));
        }
    }

    /** Reads and appends on a memory log. */
    public static class ReadersInMemory extends LogOperations.WithReaders {
        public ReadersInMemory() {
            super(new MemoryLog());
        }
    }

    /** Appends with explicit ids on a memory log. */
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
        pairsOfThreads().check(ReadersInMemory.class);
    }

    @Test
    void chosenInterleavingsOfAStoredLog() {
        pairsOfThreads().sequentialSpecification(ReadersInMemory.class).check(Readers.class);
    }

    @Test
    void readAtEachStepThatPublishesAnAppend() {
        ModelCheckingOptions options = modelChecking(LinearizabilityTest::publishesNothing, STEPS * TIMES);
        options.addCustomScenario(scenario(List.of(call("append", 100)), List.of(call("read", 3))));
        options.sequentialSpecification(ReadersInMemory.class).check(Readers.class);
    }

    /**
     * Returns whether a class does not interact with other threads, so model checking can ignore it. Model checking
     * fails in the checksum, which reads a byte array as numbers, or finds thousands of thread switches in it. It also
     * mistakes two loops for waiting threads: the pool, which checks 64 slots, and the stack probe, which calls itself
     * a hundred times. The kept files of other logs are in a weak set, which the garbage collector changes.
     */
    private static boolean isPure(String className) {
        return className.startsWith("dev.holdfast.wal.format.")
                || className.equals("dev.holdfast.wal.commit.Pool")
                || className.equals("dev.holdfast.wal.commit.StackProbe")
                || className.equals("dev.holdfast.wal.storage.KeptOpen")
                || className.startsWith(SlowStorage.class.getName())
                || className.startsWith(HeapStorage.class.getName())
                || className.startsWith(ForwardingStorage.class.getName())
                || className.startsWith(Sample.class.getName());
    }

    /**
     * Returns whether a class is not on the path from an append or a read to the end of the log. If model checking
     * ignores all other classes, few enough places for a thread switch remain to try each of them.
     */
    private static boolean publishesNothing(String className) {
        return className.startsWith("dev.holdfast.")
                && Stream.of(
                                "wal.engine.StoredLog",
                                "wal.commit.CommitQueue",
                                "wal.commit.Leadership",
                                "wal.commit.Tail",
                                "wal.catalog.",
                                "wal.read.RandomReads",
                                "races.LogOperations",
                                "races.LinearizabilityTest")
                        .noneMatch(path -> className.startsWith("dev.holdfast." + path));
    }

    /** Model checking of chosen histories. Lincheck switches threads at one place after another. */
    private static ModelCheckingOptions modelChecking(Function1<String, Boolean> ignored, int interleavings) {
        return new ModelCheckingOptions()
                .iterations(0)
                .invocationsPerIteration(interleavings)
                .addGuarantee(ManagedStrategyGuaranteeKt.forClasses(ignored)
                        .allMethods()
                        .ignore())
                .minimizeFailedScenario(false)
                .actorsBefore(0)
                .actorsAfter(0);
    }

    /** Histories of two threads with one or two calls each. Random runs would rarely reach these interleavings. */
    private static ModelCheckingOptions pairsOfThreads() {
        ModelCheckingOptions options = modelChecking(LinearizabilityTest::isPure, 60 * TIMES);
        options.addCustomScenario(scenario(List.of(call("append", 100)), List.of(call("append", 101))));
        options.addCustomScenario(scenario(List.of(call("append", 100)), List.of(call("read", 3))));
        options.addCustomScenario(scenario(List.of(call("appendTwo", 100)), List.of(call("read", 4), call("read", 3))));
        options.addCustomScenario(
                scenario(List.of(call("truncate", 1)), List.of(call("append", 100), call("read", 2))));
        options.addCustomScenario(scenario(List.of(call("truncate", 1)), List.of(call("trim", 1))));
        options.addCustomScenario(scenario(List.of(call("trim", 1)), List.of(call("read", 1), call("read", 2))));
        options.addCustomScenario(scenario(List.of(call("trim", 2)), List.of(call("append", 100))));
        return options;
    }

    private static ExecutionScenario scenario(List<Actor> one, List<Actor> other) {
        return new ExecutionScenario(List.of(), List.of(one, other), List.of(), null);
    }

    private static Actor call(String operation, int argument) {
        try {
            return new Actor(LogOperations.WithReaders.class.getMethod(operation, int.class), List.of(argument));
        } catch (NoSuchMethodException e) {
            throw new AssertionError(e);
        }
    }

    private static StressOptions stress() {
        return new StressOptions()
                .iterations(5 * TIMES)
                .invocationsPerIteration(300)
                .threads(2)
                .actorsPerThread(4)
                .actorsBefore(0)
                .actorsAfter(0);
    }
}
