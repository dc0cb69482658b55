package dev.holdfast.testkit.explorer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MainTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private int run(String... arguments) {
        return Main.run(
                arguments,
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8));
    }

    private String err() {
        return err.toString(StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @CsvSource({"--help", "-h", "--seed 3 --help"})
    void helpPrintsTheUsage(String line) {
        assertThat(run(line.split(" "))).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8)).startsWith("usage: ").contains("--images N", "--help");
        assertThat(err()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "--imags 5, there is no option '--imags'; is this meant: --images",
        "--treads 5, there is no option '--treads'; is this meant: --threads",
        "nonsense, there is no option 'nonsense' (",
        "--seed, there is no value behind --seed",
        "--seed one, --seed one is no value of this option",
        "--effort little, 'expected quick, usual or thorough'",
        "--kind fire, --kind fire is no value of this option",
        "'--settings 1,2', '--settings 1,2 is no value of this option'",
        "--replay nonsense, --replay nonsense is no value of this option",
        "--workload nonsense, --workload nonsense is no value of this option",
    })
    void mistakesOfTheCommandLineAreTold(String line, String message) {
        assertThat(run(line.split(" "))).isEqualTo(2);
        assertThat(err()).contains(message).endsWith("(see --help)" + System.lineSeparator());
        assertThat(out.toString(StandardCharsets.UTF_8)).isEmpty();
    }

    @Test
    void workloadThatHoldsIsNoFailure() {
        assertThat(run("--runs", "1", "--actions", "2", "--effort", "quick")).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("no failure");
    }
}
