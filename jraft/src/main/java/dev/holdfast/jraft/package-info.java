/**
 * The log storage of a SOFAJRaft node on Holdfast. {@link dev.holdfast.jraft.HoldfastServiceFactory} connects it to
 * JRaft. In this package JRaft's <i>entry</i> has an <i>index</i>, and Holdfast's <i>record</i> has an <i>id</i>. The
 * record of an entry has the entry's index as its id.
 *
 * <p>From JRaft down to the disk: {@code HoldfastLogStorage} implements JRaft's interface and uses its codec.
 * {@code EntryLog} keeps entries in up to three logs and orders the writes to them. {@code StoredEntry} and
 * {@code Note} define the bytes of their records. {@code LogDirectory} opens a log in a directory.
 */
@NullMarked
package dev.holdfast.jraft;

import org.jspecify.annotations.NullMarked;
