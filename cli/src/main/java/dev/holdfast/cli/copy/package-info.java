/**
 * Copies a log: file by file, even while another process appends to it, or record by record into a store and out of it.
 */
@NullMarked
package dev.holdfast.cli.copy;

import org.jspecify.annotations.NullMarked;
