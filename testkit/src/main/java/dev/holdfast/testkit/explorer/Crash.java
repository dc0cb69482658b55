package dev.holdfast.testkit.explorer;

import dev.holdfast.testkit.disk.CrashDisk;
import dev.holdfast.testkit.disk.Damage;
import dev.holdfast.testkit.disk.DiskState;
import dev.holdfast.testkit.disk.PowerCut;
import org.jspecify.annotations.Nullable;

/**
 * The crash that ends a run: a {@code kill}, a power failure (printed as its {@link PowerCut}), or {@link Damage} to a
 * disk without unsynced changes.
 *
 * @param cut null if the process is killed
 * @param damage the damaged bytes; null for kills and power failures
 */
record Crash(@Nullable PowerCut cut, @Nullable Damage damage) {
    static final Crash KILL = new Crash(null, null);

    /** Creates a power failure. */
    static Crash of(PowerCut cut) {
        return new Crash(cut, null);
    }

    static Crash of(Damage damage) {
        return new Crash(PowerCut.EVERYTHING, damage);
    }

    /** Creates the disk that the next process finds. */
    CrashDisk of(DiskState state) {
        if (damage != null) {
            return state.damaged(damage);
        }
        return cut == null ? state.killed() : state.powerCut(cut);
    }

    boolean isPowerCut() {
        return cut != null;
    }

    static Crash parse(String text) {
        if (text.equals("kill")) {
            return KILL;
        }
        return text.contains("-") ? of(Damage.parse(text)) : of(PowerCut.parse(text));
    }

    @Override
    public String toString() {
        if (damage != null) {
            return damage.toString();
        }
        return cut == null ? "kill" : cut.toString();
    }
}
