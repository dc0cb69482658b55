package dev.holdfast.bookkeeper;

import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogFencedException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A process that opens a log and appends to it, controlled by commands on standard input: {@code open}, {@code append
 * FIRST COUNT}, {@code close}. It answers each command with one line.
 */
final class WriterProcess {
    private WriterProcess() {}

    /** Returns the records of a batch, whose data follows from their ids. */
    static List<ByteBuffer> batch(long first, int count) {
        List<ByteBuffer> batch = new ArrayList<>();
        for (long number = first; number < first + count; number++) {
            byte[] bytes = new byte[16 + (int) (number % 300)];
            new Random(number).nextBytes(bytes);
            batch.add(ByteBuffer.wrap(bytes).putLong(0, number));
        }
        return batch;
    }

    public static void main(String[] arguments) throws Exception {
        BookKeeperLogOptions options = BookKeeperLogOptions.builder(arguments[0], arguments[1])
                .timeout(Duration.parse(arguments[2]))
                .build();
        try (BookKeeperConnection connection = BookKeeperConnection.open(options);
                BufferedReader commands =
                        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            System.out.println("ready");
            Log log = null;
            for (String line = commands.readLine(); line != null; line = commands.readLine()) {
                String[] words = line.split(" ");
                try {
                    if (words[0].equals("open")) {
                        if (log != null) {
                            log.close();
                        }
                        log = BookKeeperLog.open(connection, options);
                        System.out.println("opened");
                    } else {
                        long id = log.appendAll(batch(Long.parseLong(words[1]), Integer.parseInt(words[2])));
                        System.out.println("acknowledged " + id);
                    }
                } catch (LogFencedException e) {
                    System.out.println("fenced");
                } catch (IOException e) {
                    System.out.println("failed " + e);
                }
            }
        }
        Runtime.getRuntime().halt(0);
    }
}
