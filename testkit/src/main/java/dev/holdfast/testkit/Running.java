package dev.holdfast.testkit;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** A task that runs on its own thread. If the task fails, {@link #join} throws, so the test fails. */
final class Running {
    private static final long HANGING_SECONDS = 60;

    private final CompletableFuture<Void> end;

    private Running(CompletableFuture<Void> end) {
        this.end = end;
    }

    /** Code that runs on the thread. */
    @FunctionalInterface
    interface Task {
        void run() throws Exception;
    }

    static Running start(Task task) {
        CompletableFuture<Void> end = new CompletableFuture<>();
        thread(task, end).start();
        return new Running(end);
    }

    private static Thread thread(Task task, CompletableFuture<Void> end) {
        Thread thread = new Thread(() -> run(task, end), "contract");
        thread.setDaemon(true);
        return thread;
    }

    /** Returns the method that starts virtual threads, or empty if this JDK has none. */
    static Optional<Method> virtualThreads() {
        try {
            return Optional.of(Thread.class.getMethod("startVirtualThread", Runnable.class));
        } catch (NoSuchMethodException e) {
            return Optional.empty();
        }
    }

    static Running startVirtual(Method virtualThreads, Task task) throws ReflectiveOperationException {
        CompletableFuture<Void> end = new CompletableFuture<>();
        virtualThreads.invoke(null, (Runnable) () -> run(task, end));
        return new Running(end);
    }

    private static void run(Task task, CompletableFuture<Void> end) {
        try {
            task.run();
            end.complete(null);
        } catch (Throwable e) {
            end.completeExceptionally(e);
        }
    }

    /** Starts a task on a new thread. Returns when this thread waits for something or has ended. */
    static Running startAndAwaitBlocking(Task task) {
        CompletableFuture<Void> end = new CompletableFuture<>();
        Thread thread = thread(task, end);
        thread.start();
        while (!isBlocked(thread) && thread.isAlive()) {
            Thread.onSpinWait();
        }
        return new Running(end);
    }

    private static boolean isBlocked(Thread thread) {
        Thread.State state = thread.getState();
        return state == Thread.State.WAITING || state == Thread.State.TIMED_WAITING;
    }

    boolean isDone() {
        return end.isDone();
    }

    void join() throws Exception {
        end.get(HANGING_SECONDS, SECONDS);
    }

    /** Runs the task on a thread that is interrupted again and again until the task ends. */
    static void hammered(Task task) throws Exception {
        CompletableFuture<Void> end = new CompletableFuture<>();
        Thread thread = thread(task, end);
        thread.start();
        while (!end.isDone() && thread.isAlive()) {
            thread.interrupt();
        }
        new Running(end).join();
    }

    /**
     * Runs the task with the thread's interrupt flag set. Fails if the task has cleared the flag. Clears the flag
     * afterwards.
     */
    static void interrupted(Task task) throws Exception {
        boolean remembered;
        Thread.currentThread().interrupt();
        try {
            task.run();
        } finally {
            remembered = Thread.interrupted();
        }
        assertThat(remembered).as("the interrupt flag is still set").isTrue();
    }
}
