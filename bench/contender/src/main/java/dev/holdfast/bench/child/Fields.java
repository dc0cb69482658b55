package dev.holdfast.bench.child;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** Converts names and values to one line of text and back. */
final class Fields {
    private Fields() {}

    static String line(Map<String, String> fields) {
        return fields.entrySet().stream()
                .map(field -> field.getKey() + '=' + URLEncoder.encode(field.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining(" "));
    }

    static Map<String, String> parse(String line) {
        Map<String, String> fields = new LinkedHashMap<>();
        for (String field : line.split(" ", -1)) {
            int equals = field.indexOf('=');
            if (equals < 0) {
                throw new IllegalArgumentException("a field must be name=value, was: " + field);
            }
            String value = URLDecoder.decode(field.substring(equals + 1), StandardCharsets.UTF_8);
            fields.put(field.substring(0, equals), value);
        }
        return fields;
    }

    static String required(Map<String, String> fields, String name) {
        String value = fields.get(name);
        if (value == null) {
            throw new IllegalArgumentException("no field " + name + " in " + fields);
        }
        return value;
    }
}
