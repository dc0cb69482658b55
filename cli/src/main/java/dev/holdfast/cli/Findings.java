package dev.holdfast.cli;

import dev.holdfast.wal.CorruptLogException;
import dev.holdfast.wal.inspect.Inspection;
import java.util.ArrayList;
import java.util.List;

/** Formats the damage that an inspection found, for people and for programs. */
final class Findings {
    private Findings() {}

    /** Returns four lines per finding: the message with its remedy, the file, the offset, and the records at risk. */
    static String text(Inspection log, Style style) {
        StringBuilder text = new StringBuilder();
        int number = 0;
        for (CorruptLogException damage : log.damages()) {
            number++;
            text.append(style.paint(Style.Colour.RED, "damage " + number + ": "))
                    .append(FailureText.onOneLine(String.valueOf(damage.getMessage())))
                    .append('\n')
                    .append("  file: ")
                    .append(FailureText.onOneLine(damage.file()))
                    .append("\n  offset: ")
                    .append(damage.offset())
                    .append("\n  records at risk: ")
                    .append(damage.firstIdAtRisk())
                    .append(" to ")
                    .append(damage.lastIdAtRisk() == Long.MAX_VALUE ? "the end" : damage.lastIdAtRisk())
                    .append('\n');
        }
        return text.toString();
    }

    static List<Fields> rows(Inspection log) {
        List<Fields> rows = new ArrayList<>();
        for (CorruptLogException damage : log.damages()) {
            Fields row = new Fields()
                    .text("file", damage.file())
                    .number("offset", damage.offset())
                    .number("first id at risk", damage.firstIdAtRisk());
            if (damage.lastIdAtRisk() == Long.MAX_VALUE) {
                row.none("last id at risk", "unknown");
            } else {
                row.number("last id at risk", damage.lastIdAtRisk());
            }
            rows.add(row.text("message", FailureText.of(damage)));
        }
        return rows;
    }
}
