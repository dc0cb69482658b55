package dev.holdfast.races;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Tests the races. The core is compiled with one mistake at a time, and a race or a set of histories of this module
 * must fail. A mistake that is not found shows a gap that a sharper race must close.
 *
 * <p>The test takes minutes, so it runs only with {@code -Dholdfast.racemistakes=true}. Every build checks that the
 * mistakes can still be applied.
 */
class RaceMistakesTest {
    @ParameterizedTest
    @EnumSource
    void mistakeCanBeMade(RaceMistake mistake) {
        mistake.make();
    }

    @ParameterizedTest
    @EnumSource
    @EnabledIfSystemProperty(named = "holdfast.racemistakes", matches = "true", disabledReason = "takes minutes")
    @Timeout(value = 5, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void mistakeIsFound(RaceMistake mistake, @TempDir Path folder) throws Exception {
        long began = System.nanoTime();
        Optional<String> found = mistake.find(folder);
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
        System.out.println("RaceMistakesTest: " + mistake + " | " + mistake.finder() + " | " + millis + " ms | "
                + found.flatMap(failure ->
                                failure.lines().filter(line -> !line.isBlank()).findFirst())
                        .orElse("not found"));
        assertThat(found).as("no race finds this mistake; the races have a gap").isPresent();
    }
}
