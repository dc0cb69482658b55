package dev.holdfast.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/**
 * The result of a command: an ordered list of labelled values, printed as lines for people or as a JSON object for
 * programs.
 */
final class Fields {
    /** The value of a field, as a JSON value. */
    sealed interface Value {
        /** A JSON string. */
        record Text(String text) implements Value {}

        /** A JSON whole number. */
        record Whole(long number) implements Value {}

        /** A JSON boolean. */
        record Truth(boolean truth) implements Value {}

        /** A JSON array of objects. The lines for people leave it out. */
        record Rows(List<Fields> rows) implements Value {}

        /** JSON null: the field has no value. */
        record None() implements Value {}
    }

    /**
     * One label and its value.
     *
     * @param label the label for people: words separated by spaces
     * @param text the value for people
     * @param json the value for programs
     */
    record Field(String label, String text, Value json) {
        private static final Pattern NEXT_WORD = Pattern.compile(" ([a-z])");

        /** Returns the name in JSON, such as {@code firstId} for the label {@code first id}. */
        String jsonName() {
            return NEXT_WORD.matcher(label).replaceAll(word -> word.group(1).toUpperCase(Locale.ROOT));
        }
    }

    private final List<Field> fields = new ArrayList<>();

    List<Field> all() {
        return fields;
    }

    Fields text(String label, String value) {
        return add(label, value, new Value.Text(value));
    }

    /** Adds a value with two texts. The text for programs never changes; the text for people may. */
    Fields text(String label, String forPeople, String forPrograms) {
        return add(label, forPeople, new Value.Text(forPrograms));
    }

    /** Adds the name of a log: escaped for people, unchanged for programs. */
    Fields name(String label, String value) {
        return text(label, Names.escaped(value), value);
    }

    Fields addAll(Fields more) {
        fields.addAll(more.fields);
        return this;
    }

    Fields number(String label, long value) {
        return add(label, Long.toString(value), new Value.Whole(value));
    }

    Fields truth(String label, boolean value) {
        return add(label, value ? "yes" : "no", new Value.Truth(value));
    }

    Fields orNone(String label, OptionalLong value) {
        return value.isPresent() ? number(label, value.getAsLong()) : none(label, "none");
    }

    Fields none(String label, String forPeople) {
        return add(label, forPeople, new Value.None());
    }

    Fields rows(String label, List<Fields> rows) {
        return add(label, Integer.toString(rows.size()), new Value.Rows(rows));
    }

    private Fields add(String label, String text, Value json) {
        fields.add(new Field(label, text, json));
        return this;
    }

    /** Returns one line per field, in the order in which the fields were added. */
    String lines() {
        StringBuilder lines = new StringBuilder();
        for (Field field : fields) {
            if (!(field.json() instanceof Value.Rows)) {
                lines.append(field.label())
                        .append(": ")
                        .append(FailureText.onOneLine(field.text()))
                        .append('\n');
            }
        }
        return lines.toString();
    }
}
