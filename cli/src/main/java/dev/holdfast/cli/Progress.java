package dev.holdfast.cli;

import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** How far a command has come, drawn for someone who watches standard error, and for nobody else. */
final class Progress implements AutoCloseable {
    private static final int UPDATE_MILLIS = 200;
    private static final long UNKNOWN_TOTAL = -1;
    private static final long BYTES_A_MEGABYTE = 1_000_000;

    @Nullable
    private final ProgressBar bar;

    private Progress(@Nullable ProgressBar bar) {
        this.bar = bar;
    }

    /** The number of records so far, nobody knows of how many. */
    static Progress ofRecords(Streams streams, String task) {
        return new Progress(
                streams.errIsTerminal()
                        ? builder(streams, task)
                                .setInitialMax(UNKNOWN_TOTAL)
                                .setUnit(" records", 1)
                                .hideEta()
                                .build()
                        : null);
    }

    /** Bytes of a total, how many a second, and how long it takes until all are done. */
    static Progress ofBytes(Streams streams, String task, long total) {
        return new Progress(
                streams.errIsTerminal()
                        ? builder(streams, task)
                                .setInitialMax(total)
                                .setUnit(" MB", BYTES_A_MEGABYTE)
                                .build()
                        : null);
    }

    private static ProgressBarBuilder builder(Streams streams, String task) {
        return ProgressBar.builder()
                .setTaskName(task)
                .setUpdateIntervalMillis(UPDATE_MILLIS)
                .setConsumer(new ConsoleProgressBarConsumer(streams.err()))
                .setStyle(style(Style.ofErr(streams)))
                .showSpeed();
    }

    /** Plain where one of the two is missing: a terminal without colours is an old one, or is no screen. */
    private static ProgressBarStyle style(Style style) {
        return style.coloured() && style.blocks() ? ProgressBarStyle.COLORFUL_UNICODE_BLOCK : ProgressBarStyle.ASCII;
    }

    void add(long more) {
        if (bar != null) {
            bar.stepBy(more);
        }
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
        }
    }
}
