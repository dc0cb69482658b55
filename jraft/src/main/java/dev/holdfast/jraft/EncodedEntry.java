package dev.holdfast.jraft;

/** An entry as JRaft's codec writes it, and the two things about it that a storage must know. */
@SuppressWarnings("ArrayRecordComponent") // Nobody compares two of them.
record EncodedEntry(long index, boolean configuration, byte[] bytes) {}
