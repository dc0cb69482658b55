package dev.holdfast.jraft;

/** The operations on encoded entries that only JRaft's codec can perform. */
interface EntryCodec {
    /** Returns whether an encoded entry is a configuration, which lists the members of the Raft group. */
    boolean isConfiguration(byte[] encoded);

    /** Returns a placeholder entry. A reset stores it at the new first index if there is no entry at that index. */
    EncodedEntry placeholder(long index);
}
