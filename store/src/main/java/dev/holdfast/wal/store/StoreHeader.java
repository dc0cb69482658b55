package dev.holdfast.wal.store;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.holdfast.wal.CorruptLogException;
import dev.holdfast.wal.UnsupportedFormatException;
import java.nio.ByteBuffer;

/** The bytes by which a shared log is recognised: those of its first record, and the beginning of each seal. */
final class StoreHeader {
    static final int VERSION = 1;
    static final int BYTES = 8 + 1;
    private static final byte[] MAGIC = "HOLDSTOR".getBytes(US_ASCII);

    private StoreHeader() {}

    static FieldWriter write(FieldWriter fields) {
        return fields.writeBytes(ByteBuffer.wrap(MAGIC)).writeNumber(VERSION);
    }

    /** Checks the magic and the version, and returns whether the bytes begin with the magic. */
    static boolean read(FieldReader fields, long place)
            throws FieldReader.MalformedException, UnsupportedFormatException {
        if (!fields.readBytes(MAGIC.length).equals(ByteBuffer.wrap(MAGIC))) return false;
        long version = fields.readNumber();
        if (version != VERSION) {
            throw new UnsupportedFormatException("record " + place + " of the shared log: the store has format version "
                    + version + ", this version of Holdfast reads version " + VERSION
                    + ". Nothing was changed. Open the store with the version of Holdfast that wrote it.");
        }
        return true;
    }

    /** Checks the first record of a store. */
    static void check(StoreRecord record) throws CorruptLogException, UnsupportedFormatException {
        try {
            if (record.kind() == Kind.STORE && read(new FieldReader(record.body()), record.place())) return;
        } catch (FieldReader.MalformedException e) {
            throw StoreRecord.corrupt(record.place(), String.valueOf(e.getMessage()));
        }
        throw StoreRecord.corrupt(record.place(), "a store begins with a record that names its format, this is none");
    }
}
