package dev.holdfast.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HexFormat;

/** Writes records in one format. Copies each record in pieces, so that it holds at most one piece in memory. */
abstract class RecordWriter {
    // A multiple of 3, so that the base64 of the pieces joins to the base64 of the record.
    private static final int PIECE_BYTES = 3 << 14;

    private final OutputStream out;
    private final byte[] piece = new byte[PIECE_BYTES];

    private RecordWriter(OutputStream out) {
        this.out = out;
    }

    static RecordWriter of(RecordFormat format, boolean ids, OutputStream out) throws IOException {
        return switch (format) {
            case text -> new Line(out, ids, (bytes, length) -> out.write(bytes, 0, length));
            case hex ->
                new Line(
                        out,
                        ids,
                        (bytes, length) -> out.write(ascii(HexFormat.of().formatHex(bytes, 0, length))));
            case base64 ->
                new Line(
                        out,
                        ids,
                        (bytes, length) -> out.write(Base64.getEncoder()
                                .encode(ByteBuffer.wrap(bytes, 0, length))
                                .array()));
            case json -> new JsonLine(out);
            case length -> new Prefixed(out);
        };
    }

    abstract void write(long id, ByteBuffer data) throws IOException;

    void flush() throws IOException {
        out.flush();
    }

    private interface Piece {
        void write(byte[] bytes, int length) throws IOException;
    }

    final void inPieces(ByteBuffer data, Piece each) throws IOException {
        while (data.hasRemaining()) {
            int count = Math.min(piece.length, data.remaining());
            data.get(piece, 0, count);
            each.write(piece, count);
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static final class Line extends RecordWriter {
        private final OutputStream out;
        private final boolean ids;
        private final Piece piece;

        Line(OutputStream out, boolean ids, Piece piece) {
            super(out);
            this.out = out;
            this.ids = ids;
            this.piece = piece;
        }

        @Override
        void write(long id, ByteBuffer data) throws IOException {
            if (ids) {
                out.write(ascii(id + "\t"));
            }
            inPieces(data, piece);
            out.write('\n');
        }
    }

    private static final class Prefixed extends RecordWriter {
        private final OutputStream out;

        Prefixed(OutputStream out) {
            super(out);
            this.out = out;
        }

        @Override
        void write(long id, ByteBuffer data) throws IOException {
            out.write(
                    ByteBuffer.allocate(Integer.BYTES).putInt(data.remaining()).array());
            inPieces(data, (bytes, length) -> out.write(bytes, 0, length));
        }
    }

    private static final class JsonLine extends RecordWriter {
        private final JsonGenerator generator;

        JsonLine(OutputStream out) throws IOException {
            super(out);
            generator = Json.lines(out);
        }

        @Override
        void write(long id, ByteBuffer data) throws IOException {
            Json.writeRecord(generator, id, data);
        }

        @Override
        void flush() throws IOException {
            generator.flush();
        }
    }
}
