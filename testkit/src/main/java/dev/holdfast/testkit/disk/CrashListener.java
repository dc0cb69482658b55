package dev.holdfast.testkit.disk;

/**
 * Is called at every moment at which a crash can leave a different disk. An implementation may call
 * {@link CrashDisk#state()}.
 */
@FunctionalInterface
public interface CrashListener {
    void at(DiskStep step, DiskStep.Moment moment);
}
