package dev.holdfast.cli.demo;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * An event that the writer reports: the start of a batch, before it calls append, or the acknowledgement, after append
 * has returned. All threads report through one pipe.
 *
 * <p>The order of events therefore proves two things whenever the writer is killed. Every batch that may be in the log
 * has a start event. If an acknowledgement precedes a start, the acknowledged batch was durable before the started
 * batch was appended.
 */
sealed interface Event {
    Batch batch();

    record Started(Batch batch) implements Event {}

    record Acknowledged(Batch batch, long firstId) implements Event {}

    /** Returns the event as one line, without the line end. */
    default String line() {
        Batch b = batch();
        String name = b.round() + " " + b.thread() + " " + b.number();
        return this instanceof Acknowledged a ? "ack " + name + " " + a.firstId() : "start " + name;
    }

    /**
     * Parses a line that {@link #line()} wrote.
     *
     * @throws IllegalArgumentException if the line is not an event
     */
    static Event parse(String line) {
        String[] words = line.split(" ", -1);
        boolean acknowledged = words[0].equals("ack") && words.length == 5;
        if (!acknowledged && !(words[0].equals("start") && words.length == 4)) {
            throw new IllegalArgumentException("not an event of the demo's writer: " + line);
        }
        Batch batch = new Batch(Integer.parseInt(words[1]), Integer.parseInt(words[2]), Integer.parseInt(words[3]));
        return acknowledged ? new Acknowledged(batch, Long.parseLong(words[4])) : new Started(batch);
    }

    /** Returns the batches that were started and not acknowledged. */
    static Set<Batch> unacknowledged(List<Event> history) {
        Set<Batch> open = new LinkedHashSet<>();
        for (Event event : history) {
            if (event instanceof Started) {
                open.add(event.batch());
            } else {
                open.remove(event.batch());
            }
        }
        return open;
    }

    /** Returns the acknowledgements in the order in which they were reported. */
    static List<Acknowledged> acknowledgements(List<Event> history) {
        List<Acknowledged> found = new ArrayList<>();
        for (Event event : history) {
            if (event instanceof Acknowledged a) {
                found.add(a);
            }
        }
        return found;
    }
}
