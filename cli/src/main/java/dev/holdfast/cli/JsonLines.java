package dev.holdfast.cli;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Input with one JSON object per line, in the format of {@code cat --format json}: {@code text} or {@code base64}, and
 * an optional {@code id}.
 */
final class JsonLines implements RecordSource {
    /**
     * Maximum length of a line for each byte of data, because every byte may be escaped as six characters. The field
     * names need additional room.
     */
    private static final int MAX_LINE_BYTES_A_BYTE = 6;

    private static final int ROOM_FOR_NAMES = 1 << 10;

    private final Lines lines;
    private final int maxRecordBytes;
    private List<ByteBuffer> pending = List.of();
    private int taken;
    private long lineNumber;
    private OptionalLong firstId = OptionalLong.empty();

    /** One object of the input. */
    private record Item(OptionalLong id, ByteBuffer data) {}

    JsonLines(InputStream in, int maxRecordBytes) {
        this.lines = new Lines(in, MAX_LINE_BYTES_A_BYTE * maxRecordBytes + ROOM_FOR_NAMES);
        this.maxRecordBytes = maxRecordBytes;
    }

    @Override
    public OptionalLong firstId() {
        return firstId;
    }

    /** Returns the records that arrived together, up to the first one whose id does not follow the id before it. */
    @Override
    public List<ByteBuffer> next() throws IOException {
        if (taken == pending.size()) {
            pending = lines.next();
            taken = 0;
        }
        List<ByteBuffer> records = new ArrayList<>();
        while (taken < pending.size()) {
            Item item = item(records);
            if (item == null || (!records.isEmpty() && !follows(item, records.size()))) {
                break;
            }
            firstId = records.isEmpty() ? item.id() : firstId;
            records.add(item.data());
            taken++;
            lineNumber++;
        }
        return records;
    }

    private boolean follows(Item item, int before) {
        return item.id().isEmpty() || (firstId.isPresent() && item.id().getAsLong() == firstId.getAsLong() + before);
    }

    /**
     * Parses the next object. Returns null if the line is not a valid object and valid records precede it: the caller
     * appends those records first.
     */
    private @Nullable Item item(List<ByteBuffer> before) throws IOException {
        try {
            return parse(pending.get(taken).duplicate());
        } catch (IOException | IllegalArgumentException e) {
            if (!before.isEmpty()) {
                return null;
            }
            String why = e instanceof JsonProcessingException syntax ? syntax.getOriginalMessage() : e.getMessage();
            throw new IOException("line " + (lineNumber + 1) + " is not a record in JSON: " + why, e);
        }
    }

    private Item parse(ByteBuffer line) throws IOException {
        OptionalLong id = OptionalLong.empty();
        byte @Nullable [] data = null;
        byte[] text = new byte[line.remaining()];
        line.get(text);
        try (JsonParser parser = Json.FACTORY.createParser(text)) {
            require(parser.nextToken() == JsonToken.START_OBJECT, "it is not a JSON object");
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                parser.nextToken();
                if (name.equals("id")) {
                    require(parser.currentToken() == JsonToken.VALUE_NUMBER_INT, "its id is not a whole number");
                    id = OptionalLong.of(parser.getLongValue());
                } else {
                    require(data == null, "it must have only one of text and base64");
                    data = data(name, parser);
                }
            }
            require(parser.nextToken() == null, "something follows the object");
        }
        if (data == null) {
            throw new IOException("it has neither text nor base64");
        }
        require(
                data.length <= maxRecordBytes,
                "it has " + data.length + " bytes, and the limit for a record is " + maxRecordBytes);
        return new Item(id, ByteBuffer.wrap(data));
    }

    private static byte[] data(String name, JsonParser parser) throws IOException {
        require(name.equals("text") || name.equals("base64"), "it has the unknown name " + name);
        require(parser.currentToken() == JsonToken.VALUE_STRING, "its " + name + " is not a string");
        String value = parser.getText();
        return name.equals("text") ? utf8(value) : Base64.getDecoder().decode(value);
    }

    /**
     * Encodes the text as UTF-8. Throws if a character cannot be encoded, whereas {@code getBytes} would replace such a
     * character with a question mark.
     */
    private static byte[] utf8(String text) throws IOException {
        try {
            ByteBuffer encoded = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
            byte[] bytes = new byte[encoded.remaining()];
            encoded.get(bytes);
            return bytes;
        } catch (CharacterCodingException e) {
            throw new IOException(
                    "its text has half of a surrogate pair, which UTF-8 cannot encode: write these bytes "
                            + "as base64",
                    e);
        }
    }

    private static void require(boolean holds, String otherwise) throws IOException {
        if (!holds) {
            throw new IOException(otherwise);
        }
    }
}
