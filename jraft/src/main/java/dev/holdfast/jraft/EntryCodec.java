package dev.holdfast.jraft;

/** The operations on encoded entries that only JRaft's codec can perform. */
interface EntryCodec {
    /** Returns whether an encoded entry is a configuration. */
    boolean isConfiguration(byte[] encoded);

    /** Returns the entry to store at the first index after a reset that found no entry there. */
    EncodedEntry placeholder(long index);
}
