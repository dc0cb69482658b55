package dev.holdfast.wal.format;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Parses {@code docs/format.md} for its tests: tables and code blocks by the heading above them. */
final class FormatDoc {
    private final Map<String, List<Map<String, String>>> tables = new LinkedHashMap<>();
    private final Map<String, String> blocks = new LinkedHashMap<>();

    /** A field in a byte table. */
    record Field(int offset, int size) {
        long get(byte[] bytes, int at) {
            long value = 0;
            for (int i = size - 1; i >= 0; i--) {
                value = value << 8 | bytes[at + offset + i] & 0xff;
            }
            return value;
        }
    }

    FormatDoc(String markdown) {
        String heading = "";
        List<String> columns = null;
        StringBuilder block = null;
        for (String line : markdown.split("\n", -1)) {
            if (line.startsWith("```")) {
                if (block == null) {
                    block = new StringBuilder();
                } else {
                    blocks.putIfAbsent(heading, block.toString());
                    block = null;
                }
            } else if (block != null) {
                block.append(line).append('\n');
            } else if (line.startsWith("#")) {
                heading = line.replaceFirst("#+ ", "");
                columns = null;
            } else if (line.startsWith("|")) {
                columns = row(heading, columns, cells(line));
            } else {
                columns = null;
            }
        }
    }

    /** Returns the project's root directory, independent of the working directory. */
    static Path project() {
        Path directory = Path.of("").toAbsolutePath();
        while (!Files.exists(directory.resolve("docs/format.md"))) {
            directory = directory.getParent();
        }
        return directory;
    }

    static FormatDoc read() {
        try {
            return new FormatDoc(Files.readString(project().resolve("docs/format.md")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<String> row(String heading, List<String> columns, List<String> cells) {
        if (columns == null) {
            if (tables.put(heading, new ArrayList<>()) != null) {
                throw new IllegalArgumentException("two tables under '" + heading + "'");
            }
            return cells;
        }
        if (cells.stream().allMatch(cell -> cell.matches(":?-+:?"))) {
            return columns;
        }
        Map<String, String> row = new LinkedHashMap<>();
        for (int i = 0; i < columns.size(); i++) {
            row.put(columns.get(i), cells.get(i));
        }
        tables.get(heading).add(row);
        return columns;
    }

    private static List<String> cells(String line) {
        List<String> cells = new ArrayList<>();
        for (String cell : line.substring(1, line.lastIndexOf('|')).split("\\|", -1)) {
            cells.add(cell.strip().replace("`", ""));
        }
        return cells;
    }

    /** Returns the rows of the table under a heading; each row maps column names to cells. */
    List<Map<String, String>> table(String heading) {
        List<Map<String, String>> rows = tables.get(heading);
        if (rows == null) {
            throw new IllegalArgumentException("no table under '" + heading + "', only under " + tables.keySet());
        }
        return rows;
    }

    /** Returns the headings that have a table. */
    Set<String> headingsOfTables() {
        return tables.keySet();
    }

    /** Returns the code block under a heading. */
    String block(String heading) {
        String block = blocks.get(heading);
        if (block == null) {
            throw new IllegalArgumentException("no block under '" + heading + "', only under " + blocks.keySet());
        }
        return block;
    }

    /** Returns a map from one column of a table to another. */
    Map<String, String> map(String heading, String from, String to) {
        Map<String, String> map = new LinkedHashMap<>();
        table(heading).forEach(row -> map.put(row.get(from), row.get(to)));
        return map;
    }

    /** Returns the fields of a byte table by name. */
    Map<String, Field> fields(String heading) {
        Map<String, Field> fields = new LinkedHashMap<>();
        for (Map<String, String> row : table(heading)) {
            fields.put(
                    row.get("name"), new Field(Integer.parseInt(row.get("offset")), Integer.parseInt(row.get("size"))));
        }
        return fields;
    }

    /** Parses a number as the document writes it: hexadecimal, or decimal with or without spaces between thousands. */
    static long number(String cell) {
        String digits = cell.replaceAll("[ ,_]", "").replace("bytes", "");
        return digits.startsWith("0x") ? Long.parseUnsignedLong(digits.substring(2), 16) : Long.parseLong(digits);
    }
}
