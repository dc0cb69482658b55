package dev.holdfast.jraft;

/** An entry in the encoding of JRaft's codec, with its index and whether it is a configuration. */
@SuppressWarnings("ArrayRecordComponent") // never compared
record EncodedEntry(long index, boolean configuration, byte[] bytes) {}
