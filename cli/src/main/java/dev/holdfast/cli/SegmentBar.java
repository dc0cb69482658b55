package dev.holdfast.cli;

import dev.holdfast.cli.Style.Colour;
import dev.holdfast.wal.inspect.Inspection;
import dev.holdfast.wal.inspect.SegmentFile;
import java.util.List;

/**
 * Draws a log as a bar on a terminal, with one piece per segment. The width of a piece is proportional to the size of
 * the segment, and the piece shows the segment's used and free part.
 */
final class SegmentBar {
    private static final int MOST_PIECES = 24;

    private final Style style;

    SegmentBar(Style style) {
        this.style = style;
    }

    /** Returns one line with the bar and one line with its legend, or an empty text if there is no segment. */
    String of(Inspection log) {
        List<SegmentFile> segments = log.segments();
        if (segments.isEmpty()) {
            return "";
        }
        StringBuilder bar = new StringBuilder();
        List<SegmentFile> shown = segments.size() <= MOST_PIECES
                ? segments
                : segments.subList(segments.size() - MOST_PIECES, segments.size());
        if (shown.size() < segments.size()) {
            bar.append((segments.size() - shown.size()) + " more ");
        }
        int room = Math.max(MOST_PIECES, style.columns() - bar.length() - shown.size() - 2);
        long total = shown.stream().mapToLong(SegmentFile::lengthBytes).sum();
        bar.append('|');
        for (SegmentFile segment : shown) {
            int width = (int) Math.max(1, Math.round((double) segment.lengthBytes() * room / Math.max(1, total)) - 1);
            bar.append(piece(segment, width)).append('|');
        }
        return bar.append('\n').append(legend()).append('\n').toString();
    }

    private String piece(SegmentFile segment, int width) {
        double used = (double) segment.usedBytes() / Math.max(1, segment.lengthBytes());
        int full = (int) Math.ceil(width * Math.min(1, used));
        return switch (segment.role()) {
            case SEALED -> style.paint(Colour.GREEN, full().repeat(width));
            case TAIL -> style.paint(Colour.YELLOW, full().repeat(full)) + free().repeat(width - full);
            case DEAD -> style.paint(Colour.GREY, "x".repeat(width));
            case DAMAGED -> style.paint(Colour.RED, "!".repeat(width));
        };
    }

    private String legend() {
        return style.paint(Colour.GREEN, full()) + " sealed  " + style.paint(Colour.YELLOW, full()) + free()
                + " tail, used and free  " + style.paint(Colour.GREY, "x") + " dead  "
                + style.paint(Colour.RED, "!") + " damaged";
    }

    private String full() {
        return style.blocks() ? "\u2588" : "#";
    }

    private String free() {
        return style.blocks() ? "\u2591" : ".";
    }
}
