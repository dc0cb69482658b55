package dev.holdfast.testkit.explorer;

import dev.holdfast.wal.threads.Environment;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.SplittableRandom;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A simulated {@link Environment} without threads. Tasks wait until the test runs them, and random numbers come from a
 * seed. The clock advances by a nanosecond when it is read, so logs grow in bulk, and by more when the test advances
 * it.
 */
public final class SimulatedEnvironment {
    /** Queues of waiting tasks. */
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
    private boolean removalsWait;

    public SimulatedEnvironment(long seed) {
        this(new SplittableRandom(seed)::nextLong);
    }

    SimulatedEnvironment(LongSupplier random) {
        this.random = random;
    }

    /** Returns the environment to pass to the log. */
    public Environment environment() {
        return new Environment(
                into(writing),
                into(completing),
                into(maintaining),
                this::remove,
                this::startTimer,
                () -> nanos++,
                random,
                () -> stopped = true);
    }

    /** Runs the oldest waiting task of a queue. Returns false if the queue is empty. */
    public boolean run(Queue queue) {
        Runnable task = queue(queue).poll();
        if (task == null) {
            return false;
        }
        task.run();
        return true;
    }

    /** Returns the number of tasks waiting in a queue. */
    public int waiting(Queue queue) {
        return queue(queue).size();
    }

    /**
     * Runs tasks until all queues are empty. Writing tasks run before completing tasks, and these before maintaining
     * tasks.
     */
    public void runAll() {
        while (run(Queue.WRITING) || run(Queue.COMPLETING) || run(Queue.MAINTAINING)) {
            // The condition runs the tasks.
        }
    }

    /** Advances the clock by {@link Environment#IDLE_NANOS} and runs the timers that are due. */
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

    /**
     * Lets the removal of dead files wait among the maintaining tasks from now on, as if the thread that removes them
     * were slow.
     */
    public void delayRemovals() {
        removalsWait = true;
    }

    private void remove(Runnable task) {
        if (removalsWait) {
            maintaining.add(task);
        } else {
            task.run();
        }
    }

    private Executor into(Deque<Runnable> queue) {
        return task -> {
            requireRunning();
            queue.add(task);
        };
    }

    private void requireRunning() {
        if (stopped) {
            throw new RejectedExecutionException("the simulated environment was stopped");
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
