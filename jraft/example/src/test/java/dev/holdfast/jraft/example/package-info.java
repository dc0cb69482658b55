/**
 * The nodes of the map are killed, wiped and brought back, and somebody who knows nothing of Raft compares what they
 * hold.
 */
@NullMarked
package dev.holdfast.jraft.example;

import org.jspecify.annotations.NullMarked;
