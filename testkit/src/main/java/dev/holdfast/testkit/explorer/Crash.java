package dev.holdfast.testkit.explorer;

import dev.holdfast.testkit.disk.CrashDisk;
import dev.holdfast.testkit.disk.Cut;
import dev.holdfast.testkit.disk.DiskState;
import org.jspecify.annotations.Nullable;

/**
 * How a run ends: {@code kill}, or a power failure printed as its {@link Cut}.
 *
 * @param cut null if the process is killed
 */
record Crash(@Nullable Cut cut) {
    static final Crash KILL = new Crash(null);

    /** The disk as the next process finds it. */
    CrashDisk of(DiskState state) {
        return cut == null ? state.killed() : state.powerCut(cut);
    }

    boolean isPowerCut() {
        return cut != null;
    }

    static Crash parse(String text) {
        return text.equals("kill") ? KILL : new Crash(Cut.parse(text));
    }

    @Override
    public String toString() {
        return cut == null ? "kill" : cut.toString();
    }
}
