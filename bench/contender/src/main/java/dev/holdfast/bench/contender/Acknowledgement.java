package dev.holdfast.bench.contender;

import org.jspecify.annotations.Nullable;

/** Told once what became of an asynchronous append. */
public interface Acknowledgement {
    /** The record is acknowledged, or, where there is a failure, it never will be. */
    void complete(@Nullable Throwable failure);
}
