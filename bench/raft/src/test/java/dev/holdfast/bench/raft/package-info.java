/** Tests of what the measurement is made with. */
@NullMarked
package dev.holdfast.bench.raft;

import org.jspecify.annotations.NullMarked;
