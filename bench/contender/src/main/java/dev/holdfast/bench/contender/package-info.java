/** What a log must offer to be measured. An adapter implements {@link dev.holdfast.bench.contender.Peer}. */
@NullMarked
package dev.holdfast.bench.contender;

import org.jspecify.annotations.NullMarked;
