package dev.holdfast.races;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import dev.holdfast.wal.Log;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LLL_Result;

/**
 * Two threads append with commit hooks that write to plain memory. The hooks must run one at a time, in id order, and
 * before their append returns.
 */
public class HookRaces {
    private static final int APPENDS = 8;

    /** State that the hooks of both threads change. */
    private static final class Applied {
        private final List<Long> ids = new ArrayList<>();
        private int next;

        void apply(long id) {
            int index = next;
            ids.add(id);
            next = index + 1;
        }

        String outcome() {
            for (int i = 0; i < next; i++) {
                if (ids.get(i) != i + 1) {
                    return "the hook of record " + ids.get(i) + " ran in place " + (i + 1);
                }
            }
            return next == 2 * APPENDS && ids.size() == next ? "in order" : next + " changes were kept";
        }
    }

    /** Appends records. Checks that the caller sees the writes of its hook when the append returns. */
    private static String append(Log log, Applied applied) throws IOException {
        long[] seen = new long[1];
        for (int i = 1; i <= APPENDS; i++) {
            long id = log.append(Sample.buffer(i), hooked -> {
                applied.apply(hooked);
                seen[0] = hooked;
            });
            if (seen[0] != id) {
                return "the append of record " + id + " returned before its hook";
            }
        }
        return "applied";
    }

    @JCStressTest
    @Outcome(id = "(disk|memory) applied, applied, in order", expect = ACCEPTABLE)
    @State
    public static class TwoAppenders {
        private final Start start = new Start();
        private final Kind kind = Kind.another();
        private final Log log = kind.open();
        private final Applied applied = new Applied();

        @Actor
        public void one(LLL_Result result) {
            start.meet();
            result.r1 = kind + " " + Answer.of(() -> append(log, applied));
        }

        @Actor
        public void other(LLL_Result result) {
            start.meet();
            result.r2 = Answer.of(() -> append(log, applied));
        }

        @Arbiter
        public void after(LLL_Result result) {
            result.r3 = Answer.of(applied::outcome);
        }
    }
}
