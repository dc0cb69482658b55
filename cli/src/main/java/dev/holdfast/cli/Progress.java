package dev.holdfast.cli;

import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** A progress bar on standard error. It is drawn only if standard error is a terminal. */
final class Progress implements AutoCloseable {
    private static final int UPDATE_MILLIS = 200;
    private static final long UNKNOWN_TOTAL = -1;
    private static final long BYTES_A_MEGABYTE = 1_000_000;

    @Nullable
    private final ProgressBar bar;

    private Progress(@Nullable ProgressBar bar) {
        this.bar = bar;
    }

    /** Starts a bar that counts records, with no known total. */
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

    /** Starts a bar that counts bytes of a known total. The bar shows the rate and the remaining time. */
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

    /**
     * Returns the style of the bar: in colour, or plain ASCII if the terminal lacks colours or characters beyond ASCII.
     * Such a terminal is old, or is not a screen.
     */
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
