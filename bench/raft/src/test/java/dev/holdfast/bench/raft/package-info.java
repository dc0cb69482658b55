/** Tests of the tools of the measurement. */
@NullMarked
package dev.holdfast.bench.raft;

import org.jspecify.annotations.NullMarked;
