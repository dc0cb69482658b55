package dev.holdfast.wal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.wal.file.FileLog;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The way of an append through the rooms, as the JDK records it: the stack at the call that writes to the file. */
class AppendPathTest {
    private static final int MOST_FRAMES = 9;

    @Test
    void appendPassesFewFramesOnItsWayToTheDisk(@TempDir Path folder) throws Exception {
        Path log = folder.resolve("log");
        List<String> frames;
        try (Recording recording = new Recording()) {
            recording.enable("jdk.FileWrite").withThreshold(Duration.ZERO).withStackTrace();
            try (FileLog opened = FileLog.open(log)) {
                recording.start();
                opened.append(new byte[100]);
                recording.stop();
            }
            Path dump = folder.resolve("append.jfr");
            recording.dump(dump);
            frames = RecordingFile.readAllEvents(dump).stream()
                    .filter(event -> event.getString("path").startsWith(log.toString()))
                    .map(AppendPathTest::framesOfTheLog)
                    .findFirst()
                    .orElseThrow();
        }
        assertThat(frames).isNotEmpty();
        assertThat(frames.get(frames.size() - 1)).isEqualTo("FileLog.append");
        assertThat(frames).hasSizeLessThanOrEqualTo(MOST_FRAMES);
    }

    /** Returns the methods of core on the stack of an event, the last call first. */
    private static List<String> framesOfTheLog(RecordedEvent write) {
        return write.getStackTrace().getFrames().stream()
                .map(RecordedFrame::getMethod)
                .filter(method -> method.getType().getName().startsWith("dev.holdfast.wal."))
                .filter(method -> !method.getType().getName().equals(AppendPathTest.class.getName()))
                .map(method -> method.getType().getName().replaceFirst(".*\\.", "") + "." + method.getName())
                .toList();
    }
}
