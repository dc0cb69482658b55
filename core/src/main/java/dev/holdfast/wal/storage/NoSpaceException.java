package dev.holdfast.wal.storage;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The file system has no room for what was to be written. */
public final class NoSpaceException extends IOException {
    private static final long serialVersionUID = 1L;

    public NoSpaceException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
