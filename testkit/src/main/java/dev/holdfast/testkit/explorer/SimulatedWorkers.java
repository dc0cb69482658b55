package dev.holdfast.testkit.explorer;

import dev.holdfast.wal.engine.Environment;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.SplittableRandom;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * {@link Environment} without threads: tasks wait until they are run from outside, the clock stands until it is moved,
 * chance comes from a seed.
 */
public final class SimulatedWorkers {
    /** A place where tasks wait. */
    public enum Queue {
        WRITING,
        COMPLETING,
        MAINTAINING
    }

    private record Timer(long due, Runnable task) {}

    private final Deque<Runnable> writing = new ArrayDeque<>();
    private final Deque<Runnable> completing = new ArrayDeque<>();
    private final Deque<Runnable> maintaining = new ArrayDeque<>();
    private final Deque<Timer> timers = new ArrayDeque<>();
    private final LongSupplier random;
    private long nanos;
    private boolean stopped;

    public SimulatedWorkers(long seed) {
        this(new SplittableRandom(seed)::nextLong);
    }

    SimulatedWorkers(LongSupplier random) {
        this.random = random;
    }

    /** What the log is given. */
    public Environment workers() {
        return new Environment(
                into(writing),
                into(completing),
                into(maintaining),
                this::startTimer,
                () -> nanos,
                random,
                () -> stopped = true);
    }

    /** Runs the task that waits longest in a queue; false if there is none. */
    public boolean run(Queue queue) {
        Runnable task = queue(queue).poll();
        if (task == null) {
            return false;
        }
        task.run();
        return true;
    }

    /** How many tasks wait in a queue. */
    public int waiting(Queue queue) {
        return queue(queue).size();
    }

    /** Runs tasks until all queues are empty: writing first, then completing, then maintaining. */
    public void runAll() {
        while (run(Queue.WRITING) || run(Queue.COMPLETING) || run(Queue.MAINTAINING)) {
            // The condition does the work.
        }
    }

    /** Lets {@link Environment#IDLE_NANOS} pass, and runs the timers that were due by then. */
    public void idle() {
        nanos += Environment.IDLE_NANOS;
        for (Timer timer = due(); timer != null; timer = due()) {
            timer.task().run();
        }
    }

    private @Nullable Timer due() {
        Timer first = timers.peek();
        return first != null && first.due() <= nanos ? timers.poll() : null;
    }

    private void startTimer(Runnable task) {
        requireRunning();
        timers.add(new Timer(nanos + Environment.IDLE_NANOS, task));
    }

    private Executor into(Deque<Runnable> queue) {
        return task -> {
            requireRunning();
            queue.add(task);
        };
    }

    private void requireRunning() {
        if (stopped) {
            throw new RejectedExecutionException("the workers were stopped");
        }
    }

    private Deque<Runnable> queue(Queue queue) {
        return switch (queue) {
            case WRITING -> writing;
            case COMPLETING -> completing;
            case MAINTAINING -> maintaining;
        };
    }
}
