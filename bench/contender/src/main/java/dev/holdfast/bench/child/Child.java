package dev.holdfast.bench.child;

import dev.holdfast.bench.contender.Peer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * The main class of a process that measures one contender. The class of the contender is the only argument. The process
 * reads one task per line from standard input and writes one line to standard output as the answer. It ends when
 * standard input ends. Output of the contender is sent to standard error.
 */
public final class Child {
    /** The first word of the answer to a completed task. A {@link Measurement#line} follows. */
    public static final String MEASURED = "measured ";
    /** The first word of the answer to a task that the contender does not support. The reason follows. */
    public static final String UNSUPPORTED = "unsupported ";
    /** The first word of the answer if the contender could not hold the rate of the task. The reason follows. */
    public static final String OVERLOADED = "overloaded ";
    /** The first word of the answer to a failed task. The exception follows. */
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
        // Some contenders do not stop their threads.
        System.exit(0);
    }

    static String answer(Task task, Peer peer) {
        try {
            return MEASURED + Jobs.run(task, peer).line();
        } catch (UnsupportedOperationException e) {
            return UNSUPPORTED + e.getMessage();
        } catch (OverloadedException e) {
            return OVERLOADED + e.getMessage();
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
