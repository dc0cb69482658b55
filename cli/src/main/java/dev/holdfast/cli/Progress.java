package dev.holdfast.cli;

import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import org.jspecify.annotations.Nullable;

/** The number of records so far, drawn for someone who watches standard error, and for nobody else. */
final class Progress implements AutoCloseable {
    private static final int UPDATE_MILLIS = 200;
    private static final long UNKNOWN_TOTAL = -1;

    @Nullable
    private final ProgressBar bar;

    Progress(Streams streams, String task) {
        bar = streams.errIsTerminal()
                ? ProgressBar.builder()
                        .setTaskName(task)
                        .setInitialMax(UNKNOWN_TOTAL)
                        .setUnit(" records", 1)
                        .setUpdateIntervalMillis(UPDATE_MILLIS)
                        .setConsumer(new ConsoleProgressBarConsumer(streams.err()))
                        .showSpeed()
                        .hideEta()
                        .build()
                : null;
    }

    void add(long records) {
        if (bar != null) {
            bar.stepBy(records);
        }
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
        }
    }
}
