package dev.holdfast.wal.store;

import dev.holdfast.wal.CorruptLogException;
import dev.holdfast.wal.UnsupportedFormatException;
import dev.holdfast.wal.store.FieldReader.MalformedException;
import java.nio.ByteBuffer;

/**
 * The fields of a seal, the last record of the batch that describes a window: index and perhaps checkpoint. Places are
 * written as distances from the seal's own.
 *
 * @param place place of the seal
 * @param ordinal number of the window
 * @param start first place of the window
 * @param end place after its last one
 * @param bytes bytes of the records in the window
 * @param positions where the positions are, see {@link Window.Seal}
 * @param needs with a checkpoint: the smallest place that opening from this checkpoint needs; otherwise 0
 * @param checkpoint place of the newest seal with a checkpoint before this one; 0 if there is none
 */
record SealBody(
        long place,
        long ordinal,
        long start,
        long end,
        long bytes,
        Window.Seal positions,
        long needs,
        long checkpoint) {
    boolean hasCheckpoint() {
        return positions.checkpointParts() > 0;
    }

    static ByteBuffer write(SealBody seal) {
        Window.Seal positions = seal.positions;
        long place = seal.place;
        FieldWriter fields = StoreHeader.write(new FieldWriter(64 + 8 * positions.numbers().length));
        fields.writeNumber(seal.ordinal).writeNumber(place - seal.start).writeNumber(place - seal.end);
        fields.writeNumber(seal.bytes);
        fields.writeNumber(positions.numbers().length);
        for (int i = 0; i < positions.numbers().length; i++) {
            fields.writeNumber(positions.numbers()[i]).writeNumber(positions.ids()[i]);
        }
        fields.writeNumber(positions.indexParts()).writeNumber(positions.checkpointParts());
        fields.writeNumber(seal.needs == 0 ? 0 : place - seal.needs);
        fields.writeNumber(seal.checkpoint == 0 ? 0 : place - seal.checkpoint);
        return fields.toBuffer();
    }

    static SealBody read(StoreRecord record) throws CorruptLogException, UnsupportedFormatException {
        long place = record.place();
        try {
            FieldReader fields = new FieldReader(record.body());
            if (record.kind() != Kind.SEAL || !StoreHeader.read(fields, place)) {
                throw new MalformedException("a seal was expected, found " + record.kind());
            }
            long ordinal = fields.readNumber();
            long start = place - fields.readNumber();
            long end = place - fields.readNumber();
            long bytes = fields.readNumber();
            int count = fields.readCount(2);
            long[] numbers = new long[count];
            long[] ids = new long[count];
            for (int i = 0; i < count; i++) {
                numbers[i] = fields.readNumber();
                ids[i] = fields.readNumber();
            }
            int indexParts = Math.toIntExact(Math.min(fields.readNumber(), Integer.MAX_VALUE));
            int checkpointParts = Math.toIntExact(Math.min(fields.readNumber(), Integer.MAX_VALUE));
            long needs = distance(place, fields.readNumber());
            long checkpoint = distance(place, fields.readNumber());
            long firstPosition = place - count - indexParts - checkpointParts;
            if (start < 0 || end <= start || end > firstPosition || needs < 0 || checkpoint < 0 || !fields.isAtEnd()) {
                throw new MalformedException("the seal names places that it cannot know");
            }
            Window.Seal positions = new Window.Seal(place, firstPosition, numbers, ids, indexParts, checkpointParts);
            return new SealBody(place, ordinal, start, end, bytes, positions, needs, checkpoint);
        } catch (MalformedException e) {
            throw StoreRecord.corrupt(place, String.valueOf(e.getMessage()));
        }
    }

    private static long distance(long place, long distance) {
        return distance == 0 ? 0 : place - distance;
    }
}
