package dev.holdfast.races;

import java.util.concurrent.Callable;

/** What a call tells its caller, as a word: actors of jcstress throw nothing. */
final class Told {
    /** That the log or the cursor is closed. */
    static final String CLOSED = "closed";

    private Told() {}

    static String by(Callable<String> call) {
        try {
            return call.call();
        } catch (IllegalStateException e) {
            return CLOSED;
        } catch (Exception | AssertionError e) {
            return e.toString();
        }
    }

    /** A call that has no more to tell than that it was done. */
    interface Deed {
        void run() throws Exception;
    }

    static String done(Deed deed) {
        return by(() -> {
            deed.run();
            return "done";
        });
    }
}
