package dev.holdfast.wal.commit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class WaiterTest {
    /** Result of a wait: whether the caller leads, and whether its interrupt flag is set afterwards. */
    private record Result(boolean leads, boolean interrupted) {}

    private static Result resultOf(Consumer<Waiter> action, boolean asleep, boolean interrupted) throws Exception {
        Waiter waiter = new Waiter();
        CountDownLatch begun = new CountDownLatch(1);
        CompletableFuture<Result> result = new CompletableFuture<>();
        Thread caller = new Thread(() -> {
            waiter.begin();
            begun.countDown();
            result.complete(
                    new Result(waiter.awaitTurn(), Thread.currentThread().isInterrupted()));
        });
        caller.start();
        begun.await();
        while (asleep && caller.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
        if (interrupted) {
            caller.interrupt();
        }
        action.accept(waiter);
        return result.get();
    }

    @Test
    void sleepingCallerIsWokenWhenItsItemIsDone() throws Exception {
        assertThat(resultOf(WaiterTest::finish, true, false)).isEqualTo(new Result(false, false));
    }

    @Test
    void sleepingCallerIsWokenToLead() throws Exception {
        assertThat(resultOf(Waiter::lead, true, false)).isEqualTo(new Result(true, false));
    }

    @Test
    void yieldingCallerReturnsWhenItsItemIsDone() throws Exception {
        for (int i = 0; i < 1000; i++) {
            assertThat(resultOf(WaiterTest::finish, false, false)).isEqualTo(new Result(false, false));
        }
    }

    @Test
    void interruptDoesNotEndTheWaitAndIsRestored() throws Exception {
        assertThat(resultOf(WaiterTest::finish, true, true)).isEqualTo(new Result(false, true));
        assertThat(resultOf(Waiter::lead, false, true)).isEqualTo(new Result(true, true));
    }

    private static void finish(Waiter waiter) {
        waiter.done(null);
        waiter.wake();
    }

    @Test
    void platformThreadIsNotVirtual() {
        assertThat(Waiter.isVirtual(Thread.currentThread())).isFalse();
        assertThat(Waiter.isVirtual(new Thread("of a user") {})).isFalse();
    }

    @Test
    void virtualThreadIsRecognized() throws Exception {
        assumeTrue(Runtime.version().feature() >= 21, "no virtual threads before Java 21");
        AtomicBoolean virtual = new AtomicBoolean();
        Thread thread = (Thread) Thread.class
                .getMethod("startVirtualThread", Runnable.class)
                .invoke(null, (Runnable) () -> virtual.set(Waiter.isVirtual(Thread.currentThread())));
        thread.join();
        assertThat(virtual).isTrue();
    }
}
