package dev.holdfast.testkit.file;

import dev.holdfast.wal.file.FileLog;
import dev.holdfast.wal.file.FileLogOptions;
import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Main class of a process with few file descriptors or a limit on file sizes. It executes commands on a log, one per
 * line.
 */
final class LimitedProcess {
    private final Deque<FileInputStream> held = new ArrayDeque<>();
    private final Path directory;
    private @Nullable FileLog log;

    private LimitedProcess(Path directory) {
        this.directory = directory;
    }

    /**
     * Argument: the directory of the log. Each command is answered by one line that starts with {@code ok} or the name
     * of an exception.
     */
    public static void main(String[] arguments) throws Exception {
        FaultyProcess.loadAll();
        LimitedProcess process = new LimitedProcess(Path.of(arguments[0]));
        process.open(8 << 10);
        process.close();
        System.out.println("ready");
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String answer;
            try {
                answer = "ok " + process.run(line.split(" "));
            } catch (Throwable e) {
                answer = (e.getClass().getName() + ": " + e.getMessage()).replace('\n', ' ');
            }
            System.out.println(answer);
        }
    }

    private Object run(String[] command) throws IOException {
        return switch (command[0]) {
            case "open" -> open(Integer.parseInt(command[1]));
            case "append" -> append(Integer.parseInt(command[1]), Integer.parseInt(command[2]));
            case "read" -> readAll();
            case "truncate" -> truncate(Long.parseLong(command[1]));
            case "close" -> close();
            case "hold" -> holdAllBut(Integer.parseInt(command[1]));
            case "release" -> release();
            default -> throw new IllegalArgumentException(command[0]);
        };
    }

    private Object open(int segmentBytes) throws IOException {
        log = FileLog.open(
                directory, FileLogOptions.builder().segmentBytes(segmentBytes).build());
        return log.nextId();
    }

    private Object append(int count, int bytes) throws IOException {
        for (int i = 0; i < count; i++) {
            log().append(new byte[bytes]);
        }
        return log().nextId();
    }

    private Object readAll() throws IOException {
        long bytes = 0;
        for (long id = log().firstId().orElseThrow(); id < log().nextId(); id++) {
            bytes += log().read(id).orElseThrow().data().remaining();
        }
        return bytes;
    }

    private Object truncate(long lastToKeep) throws IOException {
        log().truncate(lastToKeep);
        return log().nextId();
    }

    private Object close() throws IOException {
        log().close();
        return "";
    }

    private FileLog log() {
        FileLog open = log;
        if (open == null) {
            throw new IllegalStateException("the log is not open");
        }
        return open;
    }

    /** Opens files until no descriptor is left, then closes {@code free} of them. */
    private Object holdAllBut(int free) throws IOException {
        try {
            while (held.size() < 10_000) {
                held.push(new FileInputStream("/dev/null"));
            }
        } catch (IOException e) {
            // No descriptor is left.
        }
        for (int i = 0; i < free; i++) {
            held.pop().close();
        }
        return held.size();
    }

    private Object release() throws IOException {
        for (FileInputStream file : held) {
            file.close();
        }
        held.clear();
        return "";
    }
}
