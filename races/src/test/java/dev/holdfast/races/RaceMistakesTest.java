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
 * Would the races notice? The core is compiled again with one mistake in it, and a race or a set of histories of this
 * module has to fail. A mistake that passes is a hole, to be closed by a sharper race. It takes minutes, so it is done
 * where it is asked for, by {@code -Dholdfast.racemistakes=true}; every build makes sure that the mistakes can still be
 * made.
 */
class RaceMistakesTest {
    @ParameterizedTest
    @EnumSource
    void mistakeCanBeMade(RaceMistake mistake) {
        mistake.make();
    }

    @ParameterizedTest
    @EnumSource
    @EnabledIfSystemProperty(named = "holdfast.racemistakes", matches = "true", disabledReason = "it takes minutes")
    @Timeout(value = 5, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void mistakeIsFound(RaceMistake mistake, @TempDir Path folder) throws Exception {
        long began = System.nanoTime();
        Optional<String> found = mistake.find(folder);
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
        System.out.println("RaceMistakesTest: " + mistake + " | " + mistake.finder() + " | " + millis + " ms | "
                + found.flatMap(said ->
                                said.lines().filter(line -> !line.isBlank()).findFirst())
                        .orElse("not found"));
        assertThat(found).as("no race finds it, so there is a hole in them").isPresent();
    }
}
