package dev.holdfast.testkit.mistakes;

import java.util.function.UnaryOperator;

/**
 * A change of one line of the core: the line that ends with the comment {@code // seam: name}. A seam keeps its name
 * when its line moves to another class, so mistakes survive a reorganisation of the core.
 *
 * @param seam name of the seam
 * @param what description of the change
 * @param change returns the changed line, which may be several lines, from the line without its comment
 */
public record Patch(String seam, String what, UnaryOperator<String> change) {
    /** Deletes the statement of a seam. */
    public static Patch skip(String seam) {
        return replace(seam, "");
    }

    /** Inserts code before the line of a seam. */
    public static Patch before(String seam, String code) {
        return new Patch(seam, "before: " + code, line -> code + "\n" + line);
    }

    /** Inserts code after the line of a seam. */
    public static Patch after(String seam, String code) {
        return new Patch(seam, "after: " + code, line -> line + "\n" + code);
    }

    /** Replaces the line of a seam. */
    public static Patch replace(String seam, String code) {
        return new Patch(seam, "instead: " + code, line -> {
            if (!line.strip().endsWith(";")) {
                throw new AssertionError("seam " + seam + " must be a statement on one line, was " + line.strip());
            }
            return code;
        });
    }

    /** Replaces a text that the line of a seam contains exactly once. */
    public static Patch change(String seam, String find, String replacement) {
        return new Patch(seam, find + " -> " + replacement, line -> {
            int at = line.indexOf(find);
            if (at < 0 || line.indexOf(find, at + 1) >= 0) {
                throw new AssertionError("the line of seam " + seam + " must contain the text '" + find
                        + "' exactly once, but it is\n    " + line.strip()
                        + "\nThe source has changed since the mistake was written: adapt the text of the patch, but "
                        + "not "
                        + "its mistake.");
            }
            return line.substring(0, at) + replacement + line.substring(at + find.length());
        });
    }

    /** Returns the source with the change applied. */
    String applyTo(String source) {
        String comment = comment(seam);
        int end = source.indexOf(comment);
        int start = source.lastIndexOf('\n', end) + 1;
        String line = source.substring(start, end);
        String changed = change.apply(line);
        if (changed.equals(line)) {
            throw new AssertionError("the patch of seam " + seam + " changes nothing: " + what);
        }
        // Another patch may change the same line, so the comment stays.
        return source.substring(0, start) + changed + source.substring(end);
    }

    /** Returns the comment that marks a seam, with the end of its line. */
    static String comment(String seam) {
        return "// seam: " + seam + "\n";
    }

    @Override
    public String toString() {
        return seam + " (" + what + ")";
    }
}
