package dev.holdfast.bench.contender;

import org.jspecify.annotations.Nullable;

/** Completion callback of one asynchronous append. */
public interface Acknowledgement {
    /** Completes the append. If {@code failure} is null, the record is acknowledged; otherwise it never will be. */
    void complete(@Nullable Throwable failure);
}
