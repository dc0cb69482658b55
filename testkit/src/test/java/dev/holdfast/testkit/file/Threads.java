package dev.holdfast.testkit.file;

import static java.util.concurrent.TimeUnit.SECONDS;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;

/** Threads of a test. The first failure of a thread fails the test and asks the other threads to end. */
final class Threads {
    private static final long HANGING_SECONDS = 120;

    private final List<Thread> threads = new ArrayList<>();
    private final List<CompletableFuture<Void>> ends = new ArrayList<>();
    private volatile boolean failed;

    /** Code that runs on a thread. */
    interface Task {
        void run() throws Exception;
    }

    Thread start(String name, Task task) {
        CompletableFuture<Void> end = new CompletableFuture<>();
        Thread thread = new Thread(
                () -> {
                    try {
                        task.run();
                        end.complete(null);
                    } catch (Throwable e) {
                        failed = true;
                        end.completeExceptionally(new AssertionError(name + " failed", e));
                    }
                },
                name);
        thread.setDaemon(true);
        threads.add(thread);
        ends.add(end);
        thread.start();
        return thread;
    }

    /** Returns whether a thread has failed. The other threads may end then. */
    boolean haveFailed() {
        return failed;
    }

    /** Waits until all threads have ended. */
    void join() throws InterruptedException, ExecutionException {
        join(HANGING_SECONDS);
    }

    /**
     * Waits until all threads have ended.
     *
     * @param hangingSeconds a thread that runs longer than this fails the test
     */
    void join(long hangingSeconds) throws InterruptedException, ExecutionException {
        Throwable failure = null;
        for (int i = 0; i < ends.size(); i++) {
            try {
                ends.get(i).get(hangingSeconds, SECONDS);
            } catch (ExecutionException e) {
                failure = failure == null ? e.getCause() : failure;
            } catch (TimeoutException e) {
                Thread hanging = threads.get(i);
                AssertionError at = new AssertionError(hanging.getName() + " hangs");
                at.setStackTrace(hanging.getStackTrace());
                failed = true;
                failure = failure == null ? at : failure;
            }
        }
        if (failure != null) {
            throw new ExecutionException(failure);
        }
    }
}
