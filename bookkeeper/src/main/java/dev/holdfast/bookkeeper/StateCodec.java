package dev.holdfast.bookkeeper;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.holdfast.wal.CorruptLogException;
import dev.holdfast.wal.UnsupportedFormatException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.zip.CRC32C;

/**
 * Encodes a {@link LogState} as text, so that an operator can read it in the metadata store:
 *
 * <pre>
 * holdfast-bookkeeper 2
 * log 7be0c2915d3f8a46
 * cluster 0d2b9f0e-5c1d-4a64-9f0b-6b0c3a0e7f11
 * epoch 3
 * writer 5d0f8a3c11e2b977
 * change 12
 * truncations 0
 * first 1
 * next 41
 * pinned false
 * segment 7 1 35 1610 unstamped
 * segment 8 36 40 250 recovered
 * segment 9 41 open
 * crc32c 0d1f3e77
 * </pre>
 *
 * <p>The line of a segment has its ledger, its first id, its last id and its size in bytes. The word {@code recovered}
 * means that the segment was sealed by recovery instead of by its writer. The word {@code unstamped} means that its
 * entries do not name their log (see {@link Entry}). A line {@code deleting} after the line {@code pinned} means that
 * the log is being deleted. The checksum in the last line covers all lines before it. A state is valid if and only if
 * encoding it again gives exactly the same text.
 *
 * <p>Version 1 has no lines {@code log} and {@code cluster}. All of its segments are unstamped, although their lines do
 * not contain that word. A log keeps version 1 until it is opened for writing.
 */
final class StateCodec {
    private static final String FORMAT = "holdfast-bookkeeper ";
    private static final int VERSION = 2;
    private static final int VERSION_WITHOUT_IDENTITY = 1;
    private static final int SHOWN_OF_A_LINE = 40;
    private static final String DELETING = "deleting";
    private static final String RECOVERED = " recovered";
    private static final String UNSTAMPED = " unstamped";
    private static final int MAX_RADIX = 16;

    private StateCodec() {}

    static String encode(LogState state) {
        StringBuilder text = new StringBuilder(256 + 40 * state.segments().size());
        line(text, FORMAT + (state.identity().isPresent() ? VERSION : VERSION_WITHOUT_IDENTITY));
        state.identity().ifPresent(identity -> {
            line(text, "log " + Long.toHexString(identity.key()));
            line(text, "cluster " + identity.clusterId());
        });
        line(text, "epoch " + state.epoch());
        line(text, "writer " + Long.toHexString(state.writer()));
        line(text, "change " + state.change());
        line(text, "truncations " + state.truncations());
        line(text, "first " + state.firstId());
        line(text, "next " + state.nextId());
        line(text, "pinned " + state.pinned());
        if (state.deleting()) {
            line(text, DELETING);
        }
        for (Segment segment : state.segments()) {
            line(
                    text,
                    "segment " + segment.ledgerId() + " " + segment.firstId() + " " + end(segment)
                            + (state.identity().isPresent() && segment.logKey().isEmpty() ? UNSTAMPED : ""));
        }
        CRC32C crc = new CRC32C();
        crc.update(text.toString().getBytes(US_ASCII));
        line(text, String.format("crc32c %08x", crc.getValue()));
        return text.toString();
    }

    private static String end(Segment segment) {
        return segment.isOpen()
                ? "open"
                : segment.lastId().getAsLong() + " " + segment.bytes() + (segment.recovered() ? RECOVERED : "");
    }

    private static void line(StringBuilder text, String line) {
        text.append(line).append('\n');
    }

    /**
     * Decodes the text of a node in the metadata store.
     *
     * @param where name of the node for messages
     */
    static LogState decode(String text, String where) throws CorruptLogException, UnsupportedFormatException {
        String[] lines = text.split("\n");
        String first = lines.length == 0 ? "" : lines[0];
        if (!first.startsWith(FORMAT)) {
            throw damaged(
                    where,
                    "expected a first line \"" + FORMAT + VERSION + "\", found \""
                            + first.substring(0, Math.min(SHOWN_OF_A_LINE, first.length())) + "\" in "
                            + text.length() + " bytes");
        }
        boolean identified = first.equals(FORMAT + VERSION);
        if (lines.length > 1 && !identified && !first.equals(FORMAT + VERSION_WITHOUT_IDENTITY)) {
            throw new UnsupportedFormatException(
                    where + ": the first line is \"" + first + "\", but this version reads only \""
                            + FORMAT + VERSION_WITHOUT_IDENTITY + "\" and \"" + FORMAT + VERSION
                            + "\". A newer version of the library wrote the node. Use that version.");
        }
        LogState state;
        try {
            state = identified ? parseIdentified(lines) : parse(Optional.empty(), lines, 0);
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            throw damaged(where, String.valueOf(e.getMessage()));
        }
        if (!text.equals(encode(state))) {
            throw damaged(where, "its checksum does not match its text");
        }
        return state;
    }

    private static LogState parseIdentified(String[] lines) {
        long key = Long.parseUnsignedLong(value(lines[1]), MAX_RADIX);
        return parse(Optional.of(new LogIdentity(key, value(lines[2]))), lines, 2);
    }

    /**
     * Parses the lines that both versions of the format have in common, from {@code epoch} on.
     *
     * @param before number of lines between the first line and the common lines
     */
    private static LogState parse(Optional<LogIdentity> identity, String[] lines, int before) {
        boolean deleting = lines[8 + before].equals(DELETING);
        OptionalLong key = identity.isPresent() ? OptionalLong.of(identity.get().key()) : OptionalLong.empty();
        List<Segment> segments = new ArrayList<>();
        for (int i = (deleting ? 9 : 8) + before; i < lines.length - 1; i++) {
            segments.add(segment(lines[i], key));
        }
        return new LogState(
                identity,
                number(lines[1 + before]),
                Long.parseUnsignedLong(value(lines[2 + before]), MAX_RADIX),
                number(lines[3 + before]),
                number(lines[4 + before]),
                number(lines[5 + before]),
                number(lines[6 + before]),
                value(lines[7 + before]).equals("true"),
                deleting,
                segments);
    }

    private static Segment segment(String line, OptionalLong key) {
        String[] words = line.split(" ", -1);
        long ledgerId = Long.parseLong(words[1]);
        long firstId = Long.parseLong(words[2]);
        OptionalLong itsKey = line.endsWith(UNSTAMPED) ? OptionalLong.empty() : key;
        if (words[3].equals("open")) {
            return Segment.open(ledgerId, firstId, itsKey);
        }
        return new Segment(
                ledgerId,
                firstId,
                OptionalLong.of(Long.parseLong(words[3])),
                Long.parseLong(words[4]),
                line.contains(RECOVERED),
                itsKey);
    }

    private static long number(String line) {
        return Long.parseLong(value(line));
    }

    private static String value(String line) {
        return line.substring(line.indexOf(' ') + 1);
    }

    private static CorruptLogException damaged(String where, String why) {
        return new CorruptLogException(
                where + ": the node does not contain a valid state of a log: " + why
                        + ". Nothing was changed. If the node belongs to a log, restore it from a backup of the metadata"
                        + " store. If it belongs to another application, choose another log name or metadataPath.",
                where,
                0,
                0,
                Long.MAX_VALUE);
    }
}
