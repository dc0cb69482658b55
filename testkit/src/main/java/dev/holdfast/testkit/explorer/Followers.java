package dev.holdfast.testkit.explorer;

import dev.holdfast.wal.Log;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The cursors of a session that stay open while its log changes. */
final class Followers {
    private static final int MAX = 4;

    private final List<Follower> followers = new ArrayList<>();

    /** Opens another cursor, unless there are enough. */
    void add(Log log, long startId) {
        if (followers.size() < MAX) {
            followers.add(new Follower(log.cursor(startId), startId));
        }
    }

    /** Moves each cursor by one record and compares it with the contents of the log. Closes cursors at their end. */
    void step(Contents contents) throws IOException {
        for (Follower follower : List.copyOf(followers)) {
            String wrong = follower.step(contents);
            if (wrong != null) {
                throw new Violation("an open cursor " + wrong);
            }
            if (follower.isAtItsEnd()) {
                follower.close();
                followers.remove(follower);
            }
        }
    }

    /** Informs the cursors that newest records were removed. */
    void afterRemoval(Contents before, Contents then) {
        followers.forEach(follower -> follower.afterRemoval(before, then));
    }

    void close() {
        followers.forEach(Follower::close);
        followers.clear();
    }

    /** Forgets the cursors of a log that crashed. */
    void clear() {
        followers.clear();
    }
}
