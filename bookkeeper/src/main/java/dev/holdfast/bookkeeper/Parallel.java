package dev.holdfast.bookkeeper;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongFunction;

/**
 * Sends the same kind of request for each of many ledgers, a few at a time. The timeout applies to each request, and a
 * request that fails is repeated until its timeout. The total time therefore grows with the number of ledgers, which is
 * not limited.
 */
final class Parallel {
    /**
     * Maximum number of concurrent requests: enough to hide the latency of one server, and few enough not to overload
     * the server.
     */
    static final int AT_ONCE = 32;

    private Parallel() {}

    private record Asked<T>(long ledgerId, CompletableFuture<T> answer, Deadline deadline) {}

    /**
     * Sends one request per ledger and returns the answers in the order of the ledgers.
     *
     * @param what description of the request for messages, without the number of the ledger
     * @throws LogTimeoutException if a request was not answered within its timeout
     */
    static <T> List<T> ask(
            List<Long> ledgerIds, LongFunction<CompletableFuture<T>> question, Duration timeout, String what)
            throws IOException {
        List<T> answers = new ArrayList<>();
        Deque<Asked<T>> asked = new ArrayDeque<>();
        for (long ledgerId : ledgerIds) {
            if (asked.size() == AT_ONCE) {
                answers.add(answer(asked.remove(), question, what));
            }
            asked.add(new Asked<>(ledgerId, question.apply(ledgerId), Deadline.after(timeout)));
        }
        while (!asked.isEmpty()) {
            answers.add(answer(asked.remove(), question, what));
        }
        return answers;
    }

    private static <T> T answer(Asked<T> asked, LongFunction<CompletableFuture<T>> question, String what)
            throws IOException {
        String whole = what + " " + asked.ledgerId();
        CompletableFuture<T> answer = asked.answer();
        for (int tries = 0; ; tries++) {
            try {
                return asked.deadline().await(answer, whole);
            } catch (LedgerException e) {
                asked.deadline().pause(tries);
                if (asked.deadline().isOver()) {
                    throw new LogTimeoutException(whole + " failed until the timeout: " + e.getMessage(), e);
                }
                answer = question.apply(asked.ledgerId());
            }
        }
    }
}
