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
        "--imags 5, unknown option '--imags'; did you mean --images?",
        "--treads 5, unknown option '--treads'; did you mean --threads?",
        "nonsense, unknown option 'nonsense' (",
        "--seed, missing value after --seed",
        "--seed one, invalid value for --seed: 'one'",
        "--effort little, 'expected quick, usual or thorough'",
        "--kind fire, invalid value for --kind: 'fire'",
        "'--settings 1,2', 'invalid value for --settings: ''1,2'''",
        "--replay nonsense, invalid value for --replay: 'nonsense'",
        "--workload nonsense, invalid value for --workload: 'nonsense'",
    })
    void invalidCommandLineIsRejectedWithAMessage(String line, String message) {
        assertThat(run(line.split(" "))).isEqualTo(2);
        assertThat(err()).contains(message).endsWith("(see --help)" + System.lineSeparator());
        assertThat(out.toString(StandardCharsets.UTF_8)).isEmpty();
    }

    @Test
    void passingWorkloadEndsWithExitCodeZero() {
        assertThat(run("--runs", "1", "--actions", "2", "--effort", "quick")).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("no failure");
    }
}
