package dev.holdfast.bench.child;

/** Thrown if a contender cannot make its calls as fast as they are due. The message gives both rates. */
final class OverloadedException extends Exception {
    private static final long serialVersionUID = 1;

    OverloadedException(String message) {
        super(message);
    }
}
