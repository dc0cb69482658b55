package dev.holdfast.testkit.disk;

/** Is told of each moment at which a crash makes a difference. It may take {@link CrashDisk#state()}. */
@FunctionalInterface
public interface CrashListener {
    void at(DiskStep step, DiskStep.Moment moment);
}
