package dev.holdfast.bookkeeper;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.holdfast.wal.CorruptLogException;
import dev.holdfast.wal.UnsupportedFormatException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.zip.CRC32C;

/**
 * A {@link LogState} as text, which an operator can read in the metadata store:
 *
 * <pre>
 * holdfast-bookkeeper 1
 * epoch 3
 * writer 5d0f8a3c11e2b977
 * change 12
 * truncations 0
 * first 1
 * next 41
 * pinned false
 * segment 7 1 35 1610
 * segment 8 36 40 250 recovered
 * segment 9 41 open
 * crc32c 0d1f3e77
 * </pre>
 *
 * <p>A segment's line has its ledger, its first id, its last id and its bytes, and says whether somebody else than its writer has sealed it. The checksum
 * is that of all lines before it. A state is valid if it is, letter for letter, what encoding it gives.
 */
final class StateCodec {
    private static final String FORMAT = "holdfast-bookkeeper ";
    private static final int VERSION = 1;
    private static final int MAX_RADIX = 16;

    private StateCodec() {}

    static String encode(LogState state) {
        StringBuilder text = new StringBuilder(256 + 40 * state.segments().size());
        line(text, FORMAT + VERSION);
        line(text, "epoch " + state.epoch());
        line(text, "writer " + Long.toHexString(state.writer()));
        line(text, "change " + state.change());
        line(text, "truncations " + state.truncations());
        line(text, "first " + state.firstId());
        line(text, "next " + state.nextId());
        line(text, "pinned " + state.pinned());
        for (Segment segment : state.segments()) {
            line(text, "segment " + segment.ledgerId() + " " + segment.firstId() + " " + end(segment));
        }
        CRC32C crc = new CRC32C();
        crc.update(text.toString().getBytes(US_ASCII));
        line(text, String.format("crc32c %08x", crc.getValue()));
        return text.toString();
    }

    private static String end(Segment segment) {
        return segment.isOpen()
                ? "open"
                : segment.lastId().getAsLong() + " " + segment.bytes() + (segment.recovered() ? " recovered" : "");
    }

    private static void line(StringBuilder text, String line) {
        text.append(line).append('\n');
    }

    /**
     * Decodes what a metadata store had.
     *
     * @param where for messages
     */
    static LogState decode(String text, String where) throws CorruptLogException, UnsupportedFormatException {
        String[] lines = text.split("\n");
        if (lines.length > 1 && lines[0].startsWith(FORMAT) && !lines[0].equals(FORMAT + VERSION)) {
            throw new UnsupportedFormatException(
                    where + ": its first line is \"" + lines[0] + "\", this version reads \"" + FORMAT + VERSION
                            + "\". A newer version of the library wrote it; use that one.");
        }
        LogState state;
        try {
            state = parse(lines);
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            throw damaged(where, String.valueOf(e.getMessage()));
        }
        if (!text.equals(encode(state))) {
            throw damaged(where, "its checksum does not match its text");
        }
        return state;
    }

    private static LogState parse(String[] lines) {
        List<Segment> segments = new ArrayList<>();
        for (int i = 8; i < lines.length - 1; i++) {
            segments.add(segment(lines[i].split(" ")));
        }
        return new LogState(
                number(lines[1]),
                Long.parseUnsignedLong(value(lines[2]), MAX_RADIX),
                number(lines[3]),
                number(lines[4]),
                number(lines[5]),
                number(lines[6]),
                value(lines[7]).equals("true"),
                segments);
    }

    private static Segment segment(String[] words) {
        long ledgerId = Long.parseLong(words[1]);
        long firstId = Long.parseLong(words[2]);
        if (words[3].equals("open")) {
            return Segment.open(ledgerId, firstId);
        }
        return new Segment(
                ledgerId,
                firstId,
                OptionalLong.of(Long.parseLong(words[3])),
                Long.parseLong(words[4]),
                words.length > 5 && words[5].equals("recovered"));
    }

    private static long number(String line) {
        return Long.parseLong(value(line));
    }

    private static String value(String line) {
        return line.substring(line.indexOf(' ') + 1);
    }

    private static CorruptLogException damaged(String where, String why) {
        return new CorruptLogException(
                where + ": what the metadata store has is no state of a log: " + why
                        + ". Nothing was changed. Restore the node from a backup of the metadata store.",
                where,
                0,
                0,
                Long.MAX_VALUE);
    }
}
