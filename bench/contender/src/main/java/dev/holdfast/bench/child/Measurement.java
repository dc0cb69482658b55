package dev.holdfast.bench.child;

import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.DataFormatException;
import org.HdrHistogram.Histogram;

/**
 * The result of one run of a task.
 *
 * @param records number of records that were acknowledged or read during the measurement
 * @param bytes bytes of their data
 * @param nanos duration of the measurement
 * @param latency latency of each call in nanoseconds; empty if the job has no calls to time
 */
public record Measurement(
        long records, long bytes, long nanos, Histogram latency, Map<Figure, Double> figures, Timeline timeline) {

    /** Returns an empty histogram for calls of up to a minute, with three significant digits. */
    public static Histogram newHistogram() {
        return new Histogram(60_000_000_000L, 3);
    }

    /** Returns this measurement as a line of text. */
    public String line() {
        ByteBuffer buffer = ByteBuffer.allocate(latency.getNeededByteBufferCapacity());
        int histogramBytes = latency.encodeIntoCompressedByteBuffer(buffer);
        byte[] histogram = new byte[histogramBytes];
        buffer.flip().get(histogram);
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("records", Long.toString(records));
        fields.put("bytes", Long.toString(bytes));
        fields.put("nanos", Long.toString(nanos));
        fields.put("latency", Base64.getEncoder().encodeToString(histogram));
        fields.put("timeline", timeline.line());
        figures.forEach((figure, value) -> fields.put(figure.name(), Double.toString(value)));
        return Fields.line(fields);
    }

    /** Parses the result of {@link #line}. */
    public static Measurement parse(String line) {
        Map<String, String> fields = Fields.parse(line);
        Map<Figure, Double> figures = new EnumMap<>(Figure.class);
        for (Figure figure : Figure.values()) {
            String value = fields.get(figure.name());
            if (value != null) {
                figures.put(figure, Double.valueOf(value));
            }
        }
        return new Measurement(
                Long.parseLong(Fields.required(fields, "records")),
                Long.parseLong(Fields.required(fields, "bytes")),
                Long.parseLong(Fields.required(fields, "nanos")),
                histogram(Fields.required(fields, "latency")),
                figures,
                Timeline.parse(Fields.required(fields, "timeline")));
    }

    private static Histogram histogram(String base64) {
        try {
            return Histogram.decodeFromCompressedByteBuffer(
                    ByteBuffer.wrap(Base64.getDecoder().decode(base64)), 0);
        } catch (DataFormatException e) {
            throw new IllegalArgumentException("not a histogram: " + base64, e);
        }
    }
}
