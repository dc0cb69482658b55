package dev.holdfast.wal.store;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The windows of the shared log, oldest first. One thread at a time changes them; any thread may read. */
final class Windows {
    private volatile Window[] all;

    Windows(List<Window> windows) {
        all = windows.toArray(Window[]::new);
    }

    List<Window> all() {
        return List.of(all);
    }

    Window oldest() {
        return all[0];
    }

    Window current() {
        Window[] now = all;
        return now[now.length - 1];
    }

    /** Ends the current window before a place, and begins the next. */
    synchronized Window begin(long place) {
        Window[] now = all;
        Window last = now[now.length - 1];
        last.end = place;
        Window[] more = Arrays.copyOf(now, now.length + 1);
        more[now.length] = new Window(last.ordinal + 1, place);
        all = more;
        return last;
    }

    /** Takes over the windows of another reading of the same store. */
    synchronized void replaceBy(Windows others) {
        all = others.all;
    }

    /** Forgets the windows whose places were trimmed. */
    synchronized void trim(long firstPlace) {
        Window[] now = all;
        int gone = 0;
        while (gone < now.length - 1 && now[gone].end <= firstPlace) {
            gone++;
        }
        all = Arrays.copyOfRange(now, gone, now.length);
    }

    /** Returns the window with this ordinal, which must exist. */
    Window get(long ordinal) {
        Window[] now = all;
        return now[Math.toIntExact(ordinal - now[0].ordinal)];
    }

    /** Returns the window with this code, or null if it was trimmed. */
    @Nullable
    Window find(long code) {
        Window[] now = all;
        long index = Places.ordinal(code, now[0].ordinal) - now[0].ordinal;
        return index < now.length ? now[(int) index] : null;
    }

    /** Returns whether the window with this code, if there is one, contains a place. */
    boolean isIn(long code, long place) {
        Window window = code == Places.NOWHERE ? null : find(code);
        return window != null && window.contains(place);
    }
}
