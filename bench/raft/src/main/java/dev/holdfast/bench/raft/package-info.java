/**
 * Measures a SOFAJRaft group of three nodes in processes of their own, on JRaft's usual log storage and on Holdfast's.
 */
@NullMarked
package dev.holdfast.bench.raft;

import org.jspecify.annotations.NullMarked;
