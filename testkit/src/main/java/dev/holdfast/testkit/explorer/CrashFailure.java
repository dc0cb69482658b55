package dev.holdfast.testkit.explorer;

/** A log came out of a crash wrong. The message says how to get there again. */
public final class CrashFailure extends AssertionError {
    private static final long serialVersionUID = 1L;

    private final transient Replay place;

    CrashFailure(Replay place, String where, Throwable cause) {
        super(message(place, where, cause), cause);
        this.place = place;
    }

    private static String message(Replay place, String where, Throwable cause) {
        String what = cause instanceof Violation ? cause.getMessage() : cause.toString();
        return what + "\nseed: " + place.seed() + "\nsettings: " + place.settings() + "\nworkload: " + place.workload()
                + "\nfault: " + (place.fault() == null ? "none" : place.fault()) + "\ncrashes: " + where
                + "\nreplay: " + place + "\nalone: java -cp core/target/classes:testkit/target/classes "
                + Main.class.getName()
                + " --replay '" + place + "'";
    }

    /** What {@link Explorer#replay} takes. */
    public String replay() {
        return place.toString();
    }

    Replay place() {
        return place;
    }
}
