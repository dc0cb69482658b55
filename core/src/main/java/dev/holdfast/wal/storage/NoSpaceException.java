package dev.holdfast.wal.storage;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Thrown if a file cannot be created or written because the disk is full. */
public final class NoSpaceException extends IOException {
    private static final long serialVersionUID = 1L;

    public NoSpaceException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
