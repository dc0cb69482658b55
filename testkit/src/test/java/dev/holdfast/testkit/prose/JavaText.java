package dev.holdfast.testkit.prose;

/** A Java source, divided into code, comments and literals. */
final class JavaText {
    /** The kind of one character. */
    enum Kind {
        CODE,
        COMMENT,
        LITERAL
    }

    private final String text;
    private final Kind[] kinds;

    JavaText(String text) {
        this.text = text;
        this.kinds = new Kind[text.length()];
        int at = 0;
        while (at < text.length()) {
            at = mark(at);
        }
    }

    /** Returns the characters of one kind, and all line ends. */
    String only(Kind kind) {
        StringBuilder only = new StringBuilder();
        for (int i = 0; i < kinds.length; i++) {
            if (kinds[i] == kind || text.charAt(i) == '\n') {
                only.append(text.charAt(i));
            }
        }
        return only.toString();
    }

    private int mark(int at) {
        if (text.startsWith("//", at)) {
            return mark(at, Kind.COMMENT, indexOr(text.indexOf('\n', at)));
        }
        if (text.startsWith("/*", at)) {
            return mark(at, Kind.COMMENT, indexOr(text.indexOf("*/", at + 2)) + 2);
        }
        if (text.startsWith("\"\"\"", at)) {
            return mark(at, Kind.LITERAL, closing("\"\"\"", at + 3));
        }
        if (text.charAt(at) == '"' || text.charAt(at) == '\'') {
            return mark(at, Kind.LITERAL, closing(text.substring(at, at + 1), at + 1));
        }
        return mark(at, Kind.CODE, at + 1);
    }

    private int indexOr(int found) {
        return found < 0 ? text.length() : found;
    }

    /** Returns the offset after the next delimiter that no backslash escapes. */
    private int closing(String delimiter, int from) {
        int at = from;
        while (at < text.length() && !text.startsWith(delimiter, at)) {
            at += text.charAt(at) == '\\' ? 2 : 1;
        }
        return at + delimiter.length();
    }

    private int mark(int from, Kind kind, int to) {
        int end = Math.min(to, text.length());
        for (int i = from; i < end; i++) {
            kinds[i] = kind;
        }
        return end;
    }
}
