/** Proves from a trace of system calls that a contender acknowledges nothing before a sync has returned. */
@NullMarked
package dev.holdfast.bench.proof;

import org.jspecify.annotations.NullMarked;
