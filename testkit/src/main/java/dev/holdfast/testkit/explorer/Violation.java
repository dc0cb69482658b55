package dev.holdfast.testkit.explorer;

import org.jspecify.annotations.Nullable;

/** The log did what it must not do. The explorer catches it and adds how to get there again. */
final class Violation extends AssertionError {
    private static final long serialVersionUID = 1L;

    Violation(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    Violation(String message) {
        this(message, null);
    }
}
