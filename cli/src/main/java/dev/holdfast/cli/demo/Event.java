package dev.holdfast.cli.demo;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What the writer tells while it lives. It tells of a start before it calls append, and of an acknowledgement after
 * append returned; all threads tell through one pipe. So, whenever the writer is killed, everything that may be in the
 * log has been started in the pipe; and where an acknowledgement stands before a start, the first batch was durable
 * before the second one was appended.
 */
sealed interface Event {
    Batch batch();

    record Started(Batch batch) implements Event {}

    record Acknowledged(Batch batch, long firstId) implements Event {}

    /** The event as a line, without its end. */
    default String line() {
        Batch b = batch();
        String name = b.round() + " " + b.thread() + " " + b.number();
        return this instanceof Acknowledged a ? "ack " + name + " " + a.firstId() : "start " + name;
    }

    /**
     * Reads what {@link #line()} wrote.
     *
     * @throws IllegalArgumentException if it did not
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

    /** The batches that were started and not acknowledged. */
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

    /** The acknowledgements, in the order in which they were told. */
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
