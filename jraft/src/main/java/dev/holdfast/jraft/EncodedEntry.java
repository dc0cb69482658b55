package dev.holdfast.jraft;

/**
 * An entry in the encoding of JRaft's codec, with its index. If {@code configuration} is true, the entry is a
 * configuration of the Raft group.
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record EncodedEntry(long index, boolean configuration, byte[] bytes) {}
