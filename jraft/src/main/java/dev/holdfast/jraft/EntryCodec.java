package dev.holdfast.jraft;

/** What the log of entries has to ask about bytes that only JRaft's codec understands. */
interface EntryCodec {
    /** Whether these bytes are a configuration. */
    boolean isConfiguration(byte[] encoded);

    /** What stands at the first index after a reset that found no entry there. */
    EncodedEntry placeholder(long index);
}
