package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A command that changes a log never takes the directory of a store for a log, or a log for a store. */
class StoreRefusalTest {
    @TempDir
    private Path parent;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "append DIR",
                "truncate DIR --last-to-keep 0",
                "trim DIR --up-to 1",
                "reset DIR --next-id 5",
                "repair DIR",
                "repair DIR --drop-from 1",
                "repair DIR --drop-from 1 --apply",
                "copy LOG DIR"
            })
    void changingCommandOnAStoreIsRefusedAndNothingChanges(String command) throws IOException {
        Path store = SampleStore.at(parent.resolve("store"));
        Path log = log();
        Path link = Files.createSymbolicLink(parent.resolve("link"), store.resolve("shared"));
        Map<Path, ByteBuffer> before = SampleStore.files(parent);
        for (Path place : List.of(store, store.resolve("shared"), link, store.resolve("../store/shared"))) {
            boolean shared = !place.equals(store);
            Tool.Result result = Tool.run(SampleStore.bytes("x\n"), words(command, place, log));
            assertThat(result.exitCode()).as(command + " " + place).isEqualTo(2);
            assertThat(result.out()).isEmpty();
            assertThat(result.err()).startsWith("holdfast: " + place + ": ").hasLineCount(1);
            if (command.startsWith("repair")) {
                assertThat(result.err()).contains("belongs to a store of many logs", "Restore a copy of the whole");
            } else if (shared) {
                assertThat(result.err()).contains("is the shared log of a store", store.toRealPath() + "#name");
            } else {
                assertThat(result.err()).contains("is a store of many logs", store + "#name");
            }
            assertThat(SampleStore.files(parent)).as(command + " " + place).isEqualTo(before);
        }
    }

    @Test
    void repairOfALogOfAStoreIsRefusedAndNothingChanges() throws IOException {
        Path store = SampleStore.at(parent.resolve("store"));
        Map<Path, ByteBuffer> before = SampleStore.files(parent);
        Tool.Result result = Tool.run("repair", store + "#orders", "--drop-from", 2, "--apply");
        assertThat(result.exitCode()).isEqualTo(2);
        assertThat(result.err())
                .startsWith("holdfast: " + store + "#orders: belongs to a store of many logs")
                .contains("`holdfast verify " + store + "` lists the damage")
                .hasLineCount(1);
        assertThat(SampleStore.files(parent)).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "append DIR#name",
                "truncate DIR#name --last-to-keep 0",
                "trim DIR#name --up-to 1",
                "reset DIR#name --next-id 5",
                "repair DIR#name --drop-from 1 --apply",
                "copy LOG DIR#name",
                "cat DIR#name",
                "info DIR#name",
                "verify DIR#name",
                "copy DIR#name OTHER"
            })
    void directoryOfALogIsNotTakenForAStoreAndNothingChanges(String command) throws IOException {
        Path log = log();
        Map<Path, ByteBuffer> before = SampleStore.files(parent);
        Tool.Result result = Tool.run(SampleStore.bytes("x\n"), words(command, log, log));
        assertThat(result.exitCode()).isEqualTo(2);
        assertThat(result.err())
                .startsWith("holdfast: " + log + ": is not a store of many logs: it has no file STORE.")
                .hasLineCount(1);
        assertThat(SampleStore.files(parent)).isEqualTo(before);
        try (Stream<Path> all = Files.list(parent)) {
            assertThat(all).containsExactly(log);
        }
    }

    @Test
    void commandThatReadsOneLogRefusesAWholeStore() throws IOException {
        Path store = SampleStore.at(parent.resolve("store"));
        for (Tool.Result result : List.of(Tool.run("cat", store), Tool.run("copy", store, parent.resolve("copy")))) {
            assertThat(result.exitCode()).isEqualTo(2);
            assertThat(result.err())
                    .contains("Name one log of the store: " + store + "#name")
                    .hasLineCount(1);
        }
        assertThat(parent.resolve("copy")).doesNotExist();
    }

    private Path log() {
        Path log = parent.resolve("log");
        assertThat(Tool.run(SampleStore.bytes("a\nb\n"), "append", log).exitCode())
                .isZero();
        return log;
    }

    private Object[] words(String command, Path place, Path log) {
        return Stream.of(command.split(" "))
                .map(word -> word.equals("LOG") ? log.toString() : word.replaceFirst("^DIR", place.toString()))
                .map(word -> word.equals("OTHER") ? parent.resolve("other").toString() : word)
                .toArray();
    }
}
