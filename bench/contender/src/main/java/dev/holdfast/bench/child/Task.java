package dev.holdfast.bench.child;

import dev.holdfast.bench.contender.Opening;
import dev.holdfast.bench.contender.Survives;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a child is asked to do.
 *
 * @param depth callers, records in a batch, or records in flight, as the job wants
 * @param warmUpMillis how long it goes on before anything is measured
 * @param millis how long is measured
 * @param logBytes data to write first, for jobs that need a log of some size
 * @param trimEveryBytes trims whenever so many bytes of data were appended; 0 never does
 */
public record Task(
        Job job, Opening opening, int depth, long warmUpMillis, long millis, long logBytes, long trimEveryBytes) {

    /** Of data in each record. */
    public int recordBytes() {
        return opening.recordBytes();
    }

    /** This task as a line of text. */
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
        return Fields.line(fields);
    }

    /** The task of a {@link #line}. */
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
                Long.parseLong(Fields.required(fields, "trimEveryBytes")));
    }
}
