package dev.holdfast.bench.child;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Counts what the device receives while the second half of a log is written. The half is known only at the end, so both
 * counts are sampled all the time.
 */
final class WrittenBytes {
    private static final long SAMPLE_EVERY_MILLIS = 20;

    /** The bytes of data appended and the bytes written to the device, at one moment. */
    record Sample(long appended, long written) {}

    private final Optional<Device> device;
    private final List<Sample> samples = new CopyOnWriteArrayList<>();

    private WrittenBytes(Optional<Device> device) {
        this.device = device;
    }

    /** Returns the count of the device below a directory. Without such a device nothing is counted. */
    static WrittenBytes below(Path directory) throws IOException {
        return new WrittenBytes(Device.below(directory));
    }

    /** Takes samples until the result is closed. */
    AutoCloseable sampling(LongSupplier appendedBytes) {
        ScheduledExecutorService sampler = Executors.newSingleThreadScheduledExecutor();
        device.ifPresent(counting -> {
            samples.add(sample(counting, appendedBytes.getAsLong()));
            ScheduledFuture<?> unused = sampler.scheduleAtFixedRate(
                    () -> samples.add(sample(counting, appendedBytes.getAsLong())),
                    SAMPLE_EVERY_MILLIS,
                    SAMPLE_EVERY_MILLIS,
                    TimeUnit.MILLISECONDS);
        });
        return sampler::shutdownNow;
    }

    private static Sample sample(Device device, long appendedBytes) {
        try {
            return new Sample(appendedBytes, device.writtenBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Returns the bytes written to the device so far per byte of data, counted from the first half on.
     *
     * @param appendedBytes bytes of data in the whole log
     */
    OptionalDouble secondHalf(long appendedBytes) {
        return device.map(counting -> OptionalDouble.of(writtenPerByte(samples, sample(counting, appendedBytes))))
                .orElseGet(OptionalDouble::empty);
    }

    static double writtenPerByte(List<Sample> samples, Sample end) {
        Sample half = samples.get(0);
        for (Sample sample : samples) {
            if (sample.appended() <= end.appended() / 2) {
                half = sample;
            }
        }
        return (double) (end.written() - half.written()) / (end.appended() - half.appended());
    }
}
