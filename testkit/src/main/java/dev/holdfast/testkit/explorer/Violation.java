package dev.holdfast.testkit.explorer;

import org.jspecify.annotations.Nullable;

/**
 * Reports that the log violated its contract. The explorer catches this error and adds the replay that reproduces the
 * violation.
 */
final class Violation extends AssertionError {
    private static final long serialVersionUID = 1L;

    Violation(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    Violation(String message) {
        this(message, null);
    }
}
