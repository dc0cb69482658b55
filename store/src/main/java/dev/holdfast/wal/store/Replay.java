package dev.holdfast.wal.store;

import dev.holdfast.wal.CorruptLogException;
import dev.holdfast.wal.UnsupportedFormatException;
import dev.holdfast.wal.store.FieldReader.MalformedException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Applies records of the shared log, read one after the other, to a state. */
final class Replay {
    private final StoreState state;
    private @Nullable StoreRecord begun; // a record whose rest comes next

    Replay(StoreState state) {
        this.state = state;
    }

    /** Applies a record. Returns the seal if the record is one, otherwise null. */
    @Nullable
    SealBody apply(StoreRecord record) throws CorruptLogException, UnsupportedFormatException {
        long place = record.place();
        StoreRecord first = begun;
        begun = null;
        if ((first != null) != (record.kind() == Kind.REST)) {
            throw StoreRecord.corrupt(place, "the rest of a record has no beginning, or is missing");
        }
        if (record.continued()) {
            begun = record;
            return null;
        }
        if (first != null) {
            applyData(first, record.body().remaining());
            return null;
        }
        try {
            return applyWhole(record);
        } catch (MalformedException e) {
            throw StoreRecord.corrupt(place, String.valueOf(e.getMessage()));
        }
    }

    private void applyData(StoreRecord record, int restBytes) throws CorruptLogException {
        int bytes = record.body().remaining() + restBytes;
        state.apply(
                record.kind() == Kind.MOVED
                        ? new Change.Moved(record.number(), record.id(), record.from())
                        : new Change.Append(record.number(), record.id(), record.kind() == Kind.APPEND_AT, 1, bytes),
                record.place());
    }

    private @Nullable SealBody applyWhole(StoreRecord record)
            throws CorruptLogException, UnsupportedFormatException, MalformedException {
        long place = record.place();
        long number = record.number();
        switch (record.kind()) {
            case APPEND, APPEND_AT, MOVED -> applyData(record, 0);
            case CREATE -> state.apply(new Change.Create(FieldReader.text(record.body())), place);
            case TRUNCATE -> state.apply(new Change.Truncate(number, record.id()), place);
            case TRIM -> state.apply(new Change.Trim(number, record.id()), place);
            case RESET -> state.apply(new Change.Reset(number, record.id()), place);
            case PUT -> {
                FieldReader fields = new FieldReader(record.body());
                String key = fields.readText();
                ByteBuffer value = ByteBuffer.allocate(fields.readRest().remaining());
                FieldReader again = new FieldReader(record.body());
                again.readBlock();
                state.apply(
                        new Change.Put(
                                number, key, value.put(again.readRest()).flip().asReadOnlyBuffer()),
                        place);
            }
            case REMOVE -> state.apply(new Change.Put(number, new FieldReader(record.body()).readText(), null), place);
            case DELETE -> state.apply(new Change.Delete(number), place);
            case SEAL -> {
                SealBody seal = SealBody.read(record);
                state.sealed(seal);
                return seal;
            }
            case STORE, BOUNDARY, REST, POSITIONS, INDEX, CHECKPOINT -> {}
        }
        return null;
    }
}
