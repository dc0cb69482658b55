/** The front door of the log on disk: opening one, with which options, and what recovery found. */
@NullMarked
package dev.holdfast.wal.file;

import org.jspecify.annotations.NullMarked;
