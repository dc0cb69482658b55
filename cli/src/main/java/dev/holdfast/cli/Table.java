package dev.holdfast.cli;

import java.util.ArrayList;
import java.util.List;

/** A table, aligned in columns for people or separated by tabs for programs. Numbers are aligned to the right. */
final class Table {
    private final List<List<String>> rows = new ArrayList<>();

    Table(String... heads) {
        rows.add(List.of(heads));
    }

    void add(String... cells) {
        rows.add(List.of(cells));
    }

    String separatedByTabs() {
        StringBuilder text = new StringBuilder();
        for (List<String> row : rows) {
            text.append(String.join("\t", row)).append('\n');
        }
        return text.toString();
    }

    String aligned() {
        StringBuilder text = new StringBuilder();
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int column = 0; column < row.size(); column++) {
                String cell = row.get(column);
                String blanks = " ".repeat(width(column) - cell.length());
                line.append(column == 0 ? "" : "  ").append(isNumber(column) ? blanks + cell : cell + blanks);
            }
            text.append(line.toString().stripTrailing()).append('\n');
        }
        return text.toString();
    }

    private int width(int column) {
        return rows.stream().mapToInt(row -> row.get(column).length()).max().orElse(0);
    }

    private boolean isNumber(int column) {
        return rows.stream().skip(1).allMatch(row -> row.get(column).matches("[0-9]+|-"));
    }
}
