package dev.holdfast.bookkeeper;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Thrown if the metadata store did not answer a request. The request may have taken effect. */
final class MetadataException extends IOException {
    private static final long serialVersionUID = 1L;

    MetadataException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
