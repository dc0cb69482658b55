/**
 * Measures a SOFAJRaft group of three nodes in processes of their own, with JRaft's default log storage and with
 * Holdfast.
 */
@NullMarked
package dev.holdfast.bench.raft;

import org.jspecify.annotations.NullMarked;
