/**
 * An example: a map on three nodes that keep their Raft log in Holdfast. {@code MapNode} is a node, {@code MapClient}
 * writes, and {@code Tour} shows both.
 */
@NullMarked
package dev.holdfast.jraft.example;

import org.jspecify.annotations.NullMarked;
