/** A simulated disk that loses power: {@link dev.holdfast.testkit.disk.CrashDisk}. */
@NullMarked
package dev.holdfast.testkit.disk;

import org.jspecify.annotations.NullMarked;
