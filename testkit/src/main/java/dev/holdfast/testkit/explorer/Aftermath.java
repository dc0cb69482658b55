package dev.holdfast.testkit.explorer;

import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/** Workloads that run on a recovered log before the next crash. */
final class Aftermath {
    private static final List<Workload> APPENDS = parse(
            "append 100; check",
            "append 30,600; maintain; append 0; check",
            "async 50; async 700; write; append 5; check; complete",
            "append 200; reopen; append 20; check",
            "idle; append 480; check",
            "maintain; append 1,1,1; reopen",
            "reopen; reopen; append 9; check",
            "follow 0; step; append 60; step; rival; check",
            "append 3000; append 3000; append 3000; check",
            "append 8; sync; append 8; check",
            "put 0 10,10; check");

    private static final List<Workload> REMOVALS = parse(
            "truncate 1; append 77; check",
            "truncate 2; reopen; append 5; check",
            "trim 1; append 5; reopen",
            "truncate 1000; put 4 10; check",
            "trim 1000; append 10; check",
            "reset 3; put 2 9; append 4; check",
            "truncate 1; truncate 1; trim 1; append 50; check",
            "put 3 10; append 1; check",
            "follow 0; step; step; truncate 1; append 40; step; trim 2; step; check");

    private Aftermath() {}

    private static List<Workload> parse(String... scripts) {
        return Stream.of(scripts).map(Workload::parse).toList();
    }

    static Workload draw(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<Workload> from = random.nextBoolean() ? REMOVALS : APPENDS;
        return from.get(random.nextInt(from.size()));
    }
}
