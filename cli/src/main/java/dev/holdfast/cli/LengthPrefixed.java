package dev.holdfast.cli;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Input of length-prefixed records: a length of four bytes in big-endian order, then that number of bytes. */
final class LengthPrefixed implements RecordSource {
    private static final int BUFFER_BYTES = 1 << 16;
    private static final int PREFIX_BYTES = 4;

    private final DataInputStream in;
    private final int maxRecordBytes;
    private long handedOut;

    LengthPrefixed(InputStream in, int maxRecordBytes) {
        this.in = new DataInputStream(new BufferedInputStream(in, BUFFER_BYTES));
        this.maxRecordBytes = maxRecordBytes;
    }

    /** Waits for one record, and returns it with all records after it that have already arrived completely. */
    @Override
    public List<ByteBuffer> next() throws IOException {
        List<ByteBuffer> records = new ArrayList<>();
        int bytes = 0;
        int first = in.read();
        while (first >= 0) {
            byte[] record = new byte[length(first)];
            read(record);
            handedOut++;
            records.add(ByteBuffer.wrap(record));
            bytes += record.length;
            boolean more = bytes < BUFFER_BYTES && in.available() >= PREFIX_BYTES && wholeRecordHasCome();
            first = more ? in.read() : -1;
        }
        return records;
    }

    private boolean wholeRecordHasCome() throws IOException {
        in.mark(PREFIX_BYTES);
        int length = in.readInt();
        in.reset();
        return length >= 0 && length <= maxRecordBytes && in.available() - PREFIX_BYTES >= length;
    }

    private int length(int firstByte) throws IOException {
        byte[] rest = new byte[PREFIX_BYTES - 1];
        read(rest);
        long length = Integer.toUnsignedLong(
                firstByte << 24 | (rest[0] & 0xff) << 16 | (rest[1] & 0xff) << 8 | (rest[2] & 0xff));
        if (length > maxRecordBytes) {
            throw new IOException("record " + (handedOut + 1) + " of the input has a length of " + length
                    + " bytes, and the limit for a record is " + maxRecordBytes);
        }
        return (int) length;
    }

    private void read(byte[] into) throws IOException {
        if (in.readNBytes(into, 0, into.length) < into.length) {
            throw new IOException("the input ends inside record " + (handedOut + 1));
        }
    }
}
