/**
 * Tests that kill, wipe and restart the nodes of the map, and compare what the nodes hold with a checker that knows
 * nothing of Raft.
 */
@NullMarked
package dev.holdfast.jraft.example;

import org.jspecify.annotations.NullMarked;
