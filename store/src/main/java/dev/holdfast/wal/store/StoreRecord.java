package dev.holdfast.wal.store;

import dev.holdfast.wal.CorruptLogException;
import dev.holdfast.wal.LogRecord;
import dev.holdfast.wal.store.FieldReader.MalformedException;
import java.nio.ByteBuffer;

/**
 * A record of the shared log, decoded. docs/store.md specifies the bytes.
 *
 * @param kind what the record does
 * @param continued whether the rest of the data is in the next record, of kind {@link Kind#REST}
 * @param place id of this record in the shared log
 * @param anchor place of the newest seal that was committed when this record was numbered; 0 if there was none
 * @param number number of the log; for {@link Kind#CREATE} the place; 0 for a record of the store itself
 * @param id the id that the kind needs: of the record of a log, the last to keep, to discard, or the next
 * @param from for {@link Kind#MOVED} the place from which the record was moved, otherwise 0
 * @param body the remaining bytes: data, name, key and value, or the fields of a record of the store
 */
record StoreRecord(
        Kind kind, boolean continued, long place, long anchor, long number, long id, long from, ByteBuffer body) {
    /** Maximum bytes of the header of a record with data: the kind and four numbers. */
    static final int MAX_HEADER_BYTES = 1 + 4 * 9;

    private static final int CONTINUED = 0x80;

    /** Writes the header of a record. {@code number}, {@code id} and {@code from} are written if the kind has them. */
    static FieldWriter header(
            Kind kind, boolean continued, long place, long anchor, long number, long id, long from, int bodyBytes) {
        FieldWriter fields = new FieldWriter(MAX_HEADER_BYTES + bodyBytes);
        fields.writeByte(kind.code | (continued ? CONTINUED : 0));
        fields.writeNumber(anchor == 0 ? 0 : place - anchor);
        switch (kind) {
            case APPEND, APPEND_AT, REST, TRIM, RESET ->
                fields.writeNumber(number).writeNumber(id);
            case TRUNCATE -> fields.writeNumber(number).writeNumber(id + 1);
            case MOVED -> fields.writeNumber(number).writeNumber(id).writeNumber(place - from);
            case PUT, REMOVE, DELETE -> fields.writeNumber(number);
            case STORE, CREATE, BOUNDARY, POSITIONS, INDEX, CHECKPOINT, SEAL -> {}
        }
        return fields;
    }

    static StoreRecord decode(LogRecord record) throws CorruptLogException {
        return decode(record.id(), record.data());
    }

    /**
     * Decodes a record.
     *
     * @throws CorruptLogException if the bytes are not those of a record of a store at this place
     */
    static StoreRecord decode(long place, ByteBuffer data) throws CorruptLogException {
        try {
            FieldReader fields = new FieldReader(data);
            int first = fields.readByte();
            Kind kind = Kind.of(first & ~CONTINUED);
            boolean continued = (first & CONTINUED) != 0;
            if (kind == null || (continued && !kind.hasData())) {
                throw new MalformedException("the record has the unknown kind " + first);
            }
            long distance = fields.readNumber();
            if (distance >= place) throw new MalformedException("the newest seal would be " + distance + " before it");
            long number = 0;
            long id = 0;
            long from = 0;
            switch (kind) {
                case APPEND, APPEND_AT, REST, TRIM, RESET -> {
                    number = fields.readNumber();
                    id = fields.readNumber();
                }
                case TRUNCATE -> {
                    number = fields.readNumber();
                    id = fields.readNumber() - 1;
                }
                case MOVED -> {
                    number = fields.readNumber();
                    id = fields.readNumber();
                    from = place - fields.readNumber();
                }
                case PUT, REMOVE, DELETE -> number = fields.readNumber();
                case CREATE -> number = place;
                case STORE, BOUNDARY, POSITIONS, INDEX, CHECKPOINT, SEAL -> {}
            }
            if (number > place || from < 0) throw new MalformedException("it names a later place");
            long anchor = distance == 0 ? 0 : place - distance;
            return new StoreRecord(kind, continued, place, anchor, number, id, from, fields.readRest());
        } catch (MalformedException e) {
            throw corrupt(place, String.valueOf(e.getMessage()));
        }
    }

    /** Returns the exception for a record of the shared log that is not what it must be. */
    static CorruptLogException corrupt(long place, String why) {
        return new CorruptLogException(
                "record " + place + " of the shared log: " + why
                        + ". The record is intact as a record of the shared log, but it is not what a store writes "
                        + "there. Nothing was changed. Restore the store from a copy.",
                "record " + place + " of the shared log",
                0,
                place,
                place);
    }
}
