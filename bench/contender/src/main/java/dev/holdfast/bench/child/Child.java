package dev.holdfast.bench.child;

import dev.holdfast.bench.contender.Peer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * The main class of a process that measures one contender: its class is the only argument. It answers each task on
 * standard input by one line on standard output, and ends with its input. Whatever the contender itself prints goes to
 * standard error.
 */
public final class Child {
    /** Begins the answer to a task that was done: a {@link Measurement#line} follows. */
    public static final String MEASURED = "measured ";
    /** Begins the answer to a task that this contender cannot do: the reason follows. */
    public static final String UNSUPPORTED = "unsupported ";
    /** Begins the answer to a task that went wrong: what was thrown follows. */
    public static final String FAILED = "failed ";

    private Child() {}

    public static void main(String[] args) throws IOException, ReflectiveOperationException {
        PrintStream answers = System.out;
        System.setOut(System.err);
        Peer peer = Class.forName(args[0])
                .asSubclass(Peer.class)
                .getDeclaredConstructor()
                .newInstance();
        BufferedReader tasks = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = tasks.readLine(); line != null; line = tasks.readLine()) {
            Task task = Task.parse(line);
            String answer = answer(task, peer);
            answers.println(answer);
            answers.flush();
            if (task.job() == Job.FILL_AND_HALT) {
                Runtime.getRuntime().halt(0);
            }
        }
        // Some contenders leave threads behind.
        System.exit(0);
    }

    static String answer(Task task, Peer peer) {
        try {
            return MEASURED + Jobs.run(task, peer).line();
        } catch (UnsupportedOperationException e) {
            return UNSUPPORTED + e.getMessage();
        } catch (Throwable e) {
            e.printStackTrace();
            return FAILED + causes(e);
        }
    }

    private static String causes(Throwable thrown) {
        StringBuilder causes = new StringBuilder(thrown.toString());
        for (Throwable cause = thrown.getCause(); cause != null; cause = cause.getCause()) {
            causes.append(", as ").append(cause);
        }
        return causes.toString().replaceAll("\\s+", " ");
    }
}
