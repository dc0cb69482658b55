/**
 * The log storage of a SOFAJRaft node on Holdfast: {@link dev.holdfast.jraft.HoldfastServiceFactory} plugs it in. Here
 * an <i>entry</i> with its <i>index</i> is JRaft's, a <i>record</i> with its <i>id</i> is Holdfast's; the record of an
 * entry has the entry's index as its id.
 *
 * <p>From JRaft down to the disk: {@code HoldfastLogStorage} speaks JRaft's interface and codec; {@code EntryLog} gives
 * entries the order in which they survive, in up to three logs; {@code StoredEntry} and {@code Note} are the bytes in
 * them; {@code LogDirectory} is where they stand.
 */
@NullMarked
package dev.holdfast.jraft;

import org.jspecify.annotations.NullMarked;
