/** Apache ActiveMQ Artemis journal, as a contender. */
@NullMarked
package dev.holdfast.bench.artemis;

import org.jspecify.annotations.NullMarked;
