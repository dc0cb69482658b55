/** The interfaces between the benchmark and a log. An adapter implements {@link dev.holdfast.bench.contender.Peer}. */
@NullMarked
package dev.holdfast.bench.contender;

import org.jspecify.annotations.NullMarked;
