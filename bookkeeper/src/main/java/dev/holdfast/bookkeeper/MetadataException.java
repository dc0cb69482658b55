package dev.holdfast.bookkeeper;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The metadata store did not answer: what was asked of it may have happened. */
final class MetadataException extends IOException {
    private static final long serialVersionUID = 1L;

    MetadataException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
