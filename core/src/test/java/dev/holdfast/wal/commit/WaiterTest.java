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
    /** What a caller is told when another thread does this to its waiter, and whether it is interrupted then. */
    private record Answer(boolean leads, boolean interrupted) {}

    private static Answer answerTo(Consumer<Waiter> deed, boolean asleep, boolean interrupted) throws Exception {
        Waiter waiter = new Waiter();
        CountDownLatch begun = new CountDownLatch(1);
        CompletableFuture<Answer> answer = new CompletableFuture<>();
        Thread caller = new Thread(() -> {
            waiter.begin();
            begun.countDown();
            answer.complete(
                    new Answer(waiter.awaitTurn(), Thread.currentThread().isInterrupted()));
        });
        caller.start();
        begun.await();
        while (asleep && caller.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
        if (interrupted) {
            caller.interrupt();
        }
        deed.accept(waiter);
        return answer.get();
    }

    @Test
    void callerThatSleepsIsWokenWhenDone() throws Exception {
        assertThat(answerTo(WaiterTest::finish, true, false)).isEqualTo(new Answer(false, false));
    }

    @Test
    void callerThatSleepsIsWokenToLead() throws Exception {
        assertThat(answerTo(Waiter::lead, true, false)).isEqualTo(new Answer(true, false));
    }

    @Test
    void callerThatIsToldWhileItLetsOthersRunWaitsNoLonger() throws Exception {
        for (int i = 0; i < 1000; i++) {
            assertThat(answerTo(WaiterTest::finish, false, false)).isEqualTo(new Answer(false, false));
        }
    }

    @Test
    void interruptEndsNoWaitAndIsThereAfterIt() throws Exception {
        assertThat(answerTo(WaiterTest::finish, true, true)).isEqualTo(new Answer(false, true));
        assertThat(answerTo(Waiter::lead, false, true)).isEqualTo(new Answer(true, true));
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
    void virtualThreadIsRecognizedWhereThereAreSome() throws Exception {
        assumeTrue(Runtime.version().feature() >= 21, "no virtual threads before Java 21");
        AtomicBoolean virtual = new AtomicBoolean();
        Thread thread = (Thread) Thread.class
                .getMethod("startVirtualThread", Runnable.class)
                .invoke(null, (Runnable) () -> virtual.set(Waiter.isVirtual(Thread.currentThread())));
        thread.join();
        assertThat(virtual).isTrue();
    }
}
