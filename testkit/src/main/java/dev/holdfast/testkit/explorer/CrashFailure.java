package dev.holdfast.testkit.explorer;

/** Reports that a log was wrong after a crash. The message contains the replay that reproduces the failure. */
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
                + "\nreplay: " + place + "\ncommand: java -cp core/target/classes:testkit/target/classes "
                + Main.class.getName()
                + " --replay '" + place + "'";
    }

    /** Returns the text that {@link Explorer#replay} accepts. */
    public String replay() {
        return place.toString();
    }

    Replay place() {
        return place;
    }
}
