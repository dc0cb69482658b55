package dev.holdfast.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/** What a command has to say, one name and one value after the other: lines for people, and an object for programs. */
final class Fields {
    /** A value, as JSON knows it. */
    sealed interface Value {
        /** A string. */
        record Text(String text) implements Value {}

        /** A whole number. */
        record Whole(long number) implements Value {}

        /** A boolean. */
        record Truth(boolean truth) implements Value {}

        /** An array of objects, which are not among the lines for people. */
        record Rows(List<Fields> rows) implements Value {}

        /** A value that is not there. */
        record None() implements Value {}
    }

    /**
     * One name and its value.
     *
     * @param label for people, words with blanks between
     * @param text for people
     */
    record Field(String label, String text, Value json) {
        private static final Pattern NEXT_WORD = Pattern.compile(" ([a-z])");

        /** {@code firstId} for {@code first id}. */
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

    /** As {@link #text(String, String)}, with a word for programs that never changes beside the words for people. */
    Fields text(String label, String forPeople, String forPrograms) {
        return add(label, forPeople, new Value.Text(forPrograms));
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

    /** A line each, in the order they were added. */
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
