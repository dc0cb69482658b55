package dev.holdfast.bench.child;

import dev.holdfast.bench.contender.Opening;
import dev.holdfast.bench.contender.Survives;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A task for a child process.
 *
 * @param depth number of callers, records in a batch, or records in flight, depending on the job
 * @param warmUpMillis duration of the warm-up before the measurement
 * @param millis duration of the measurement
 * @param logBytes bytes of data to write first, for jobs that need a log of some size, or at which a log that grows
 *     ends
 * @param trimEveryBytes bytes of appended data between two trims; 0 never trims
 * @param duePerSecond calls that are due per second; 0 for jobs whose calls follow one another
 */
public record Task(
        Job job,
        Opening opening,
        int depth,
        long warmUpMillis,
        long millis,
        long logBytes,
        long trimEveryBytes,
        long duePerSecond) {

    /** Returns a task whose calls follow one another. */
    public Task(
            Job job, Opening opening, int depth, long warmUpMillis, long millis, long logBytes, long trimEveryBytes) {
        this(job, opening, depth, warmUpMillis, millis, logBytes, trimEveryBytes, 0);
    }

    /** Returns the bytes of data in each record. */
    public int recordBytes() {
        return opening.recordBytes();
    }

    /** Returns this task as a line of text. */
    public String line() {
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("job", job.name());
        fields.put("directory", opening.directory().toString());
        fields.put("variant", opening.variant());
        fields.put("survives", opening.survives().name());
        fields.put("recordBytes", Integer.toString(recordBytes()));
        fields.put("depth", Integer.toString(depth));
        fields.put("warmUpMillis", Long.toString(warmUpMillis));
        fields.put("millis", Long.toString(millis));
        fields.put("logBytes", Long.toString(logBytes));
        fields.put("trimEveryBytes", Long.toString(trimEveryBytes));
        fields.put("duePerSecond", Long.toString(duePerSecond));
        return Fields.line(fields);
    }

    /** Parses the result of {@link #line}. */
    public static Task parse(String line) {
        Map<String, String> fields = Fields.parse(line);
        return new Task(
                Job.valueOf(Fields.required(fields, "job")),
                new Opening(
                        Path.of(Fields.required(fields, "directory")),
                        Fields.required(fields, "variant"),
                        Survives.valueOf(Fields.required(fields, "survives")),
                        Integer.parseInt(Fields.required(fields, "recordBytes"))),
                Integer.parseInt(Fields.required(fields, "depth")),
                Long.parseLong(Fields.required(fields, "warmUpMillis")),
                Long.parseLong(Fields.required(fields, "millis")),
                Long.parseLong(Fields.required(fields, "logBytes")),
                Long.parseLong(Fields.required(fields, "trimEveryBytes")),
                Long.parseLong(Fields.required(fields, "duePerSecond")));
    }
}
