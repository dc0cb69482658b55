/** Repair: makes a damaged log open again, for an agreed loss of records. No file is deleted. */
@NullMarked
package dev.holdfast.wal.repair;

import org.jspecify.annotations.NullMarked;
