/**
 * The log storage of a SOFAJRaft node on Holdfast. {@link dev.holdfast.jraft.HoldfastServiceFactory} connects it to
 * JRaft. Terms: JRaft stores an <i>entry</i> at an <i>index</i>. Holdfast stores it as a <i>record</i> whose <i>id</i>
 * is that index.
 *
 * <p>From JRaft down to the disk: {@code HoldfastLogStorage} implements JRaft's interface and uses its codec.
 * {@code EntryLog} keeps entries in up to three logs and orders the writes to them. {@code StoredEntry} and
 * {@code Note} define the bytes of their records. {@code LogDirectory} opens a log in a directory.
 */
@NullMarked
package dev.holdfast.jraft;

import org.jspecify.annotations.NullMarked;
