package dev.holdfast.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;

/** Writes the JSON of {@code --json} and {@code --format json}. Its schema is in {@code docs/operations.md}. */
final class Json {
    static final JsonFactory FACTORY = new JsonFactory();

    private Json() {}

    /** Returns the fields as one JSON object on one line. */
    static String line(Fields fields) throws IOException {
        StringWriter text = new StringWriter();
        try (JsonGenerator generator = FACTORY.createGenerator(text)) {
            write(generator, fields);
        }
        return text.append('\n').toString();
    }

    private static void write(JsonGenerator generator, Fields fields) throws IOException {
        generator.writeStartObject();
        for (Fields.Field field : fields.all()) {
            generator.writeFieldName(field.jsonName());
            write(generator, field.json());
        }
        generator.writeEndObject();
    }

    private static void write(JsonGenerator generator, Fields.Value value) throws IOException {
        if (value instanceof Fields.Value.Text text) {
            generator.writeString(text.text());
        } else if (value instanceof Fields.Value.Whole number) {
            generator.writeNumber(number.number());
        } else if (value instanceof Fields.Value.Truth truth) {
            generator.writeBoolean(truth.truth());
        } else if (value instanceof Fields.Value.Rows rows) {
            writeRows(generator, rows.rows());
        } else {
            generator.writeNull();
        }
    }

    private static void writeRows(JsonGenerator generator, List<Fields> rows) throws IOException {
        generator.writeStartArray();
        for (Fields row : rows) {
            write(generator, row);
        }
        generator.writeEndArray();
    }

    /** Returns a generator that writes one JSON value per line. */
    static JsonGenerator lines(OutputStream out) throws IOException {
        JsonGenerator generator = FACTORY.createGenerator(out);
        generator.setRootValueSeparator(null); // writeRecord writes the line feed
        return generator;
    }

    /**
     * Writes a record as a JSON object. The data is in {@code text} if it is valid UTF-8, and otherwise in
     * {@code base64}.
     */
    static void writeRecord(JsonGenerator generator, long id, ByteBuffer data) throws IOException {
        generator.writeStartObject();
        generator.writeNumberField("id", id);
        try {
            // A new decoder reports bytes that it cannot decode, instead of replacing them.
            String text =
                    StandardCharsets.UTF_8.newDecoder().decode(data.duplicate()).toString();
            generator.writeStringField("text", text);
        } catch (CharacterCodingException noText) {
            byte[] bytes = new byte[data.remaining()];
            data.duplicate().get(bytes);
            generator.writeStringField("base64", Base64.getEncoder().encodeToString(bytes));
        }
        generator.writeEndObject();
        generator.writeRaw('\n');
    }
}
