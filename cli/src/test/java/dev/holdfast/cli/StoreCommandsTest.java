package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.wal.Log;
import dev.holdfast.wal.store.LogStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands on a store of many logs, and on a log of a store. */
class StoreCommandsTest {
    @TempDir
    private Path parent;

    private Path store;

    @BeforeEach
    void create() throws IOException {
        store = SampleStore.at(parent.resolve("store"));
    }

    @Test
    void infoOfAStoreListsItsLogs() {
        String out = fine("info", store).outText();
        assertThat(out)
                .contains("log count: 3\n", "records: 5\n", "damage: none seen")
                .contains("name\tfirst id\tlast id\tnext id\trecords\tbytes\n")
                .contains("empty\t-\t-\t1\t0\t0\n", "orders\t1\t3\t4\t3\t11\n", "payments\t7\t8\t9\t2\t");
    }

    @Test
    void infoOfALogOfAStorePrintsItsFigures() {
        assertThat(fine("info", log("payments")).outText())
                .contains("name: payments\n", "first id: 7\n", "last id: 8\n", "next id: 9\n", "records: 2\n");
        assertThat(fine("info", log("payments"), "--json").outText())
                .contains("\"name\":\"payments\",\"firstId\":7,\"lastId\":8,\"nextId\":9,\"records\":2,");
    }

    @Test
    void namesArePrintedEscaped() throws IOException {
        String name = "a\tb\n\"c\\\u001b[31m\u202e\u2028";
        try (LogStore open = LogStore.open(store)) {
            open.log(name).append(SampleStore.bytes("x"));
        }
        String escaped = "a\\u0009b\\u000a\\\"c\\\\\\u001b[31m\\u202e\\u2028";
        assertThat(text(fine("info", store))).contains("\n" + escaped + "\t1\t1\t2\t1\t1\n");
        assertThat(text(fine("info", log(name)))).contains("name: " + escaped + "\n");
        assertThat(text(fine("verify", store))).contains("\n" + escaped + "\t1\t1\t1\t1\t0\n");
        assertThat(Tool.run("cat", log(name + "?")).err())
                .contains("did you mean: \"" + escaped + "\"")
                .hasLineCount(1);
    }

    @Test
    void catPrintsTheRecordsOfALogOfAStore() {
        assertThat(fine("cat", log("orders")).outText()).isEqualTo("one\ntwo\nthree\n");
        assertThat(fine("cat", log("payments"), "--ids").outText()).isEqualTo("7\tseven\n8\teight\n");
        assertThat(fine("cat", log("orders"), "--last", 1).outText()).isEqualTo("three\n");
        assertThat(fine("cat", log("empty")).outText()).isEmpty();
    }

    @Test
    void appendContinuesALogOfAStoreAndCreatesAMissingOne() {
        fine(SampleStore.bytes("four\n"), "append", log("orders"));
        assertThat(fine("cat", log("orders"), "--from", 3, "--ids").outText()).isEqualTo("3\tthree\n4\tfour\n");
        fine(SampleStore.bytes("a\nb\n"), "append", log("new"), "--first-id", 100);
        assertThat(fine("cat", log("new"), "--ids").outText()).isEqualTo("100\ta\n101\tb\n");
    }

    @Test
    void appendToALogOfAnEmptyDirectoryCreatesAStore() throws IOException {
        Path empty = Files.createDirectory(parent.resolve("new"));
        fine(SampleStore.bytes("a\n"), "append", empty + "#first");
        try (LogStore open = LogStore.open(empty)) {
            assertThat(open.names()).containsExactly("first");
        }
    }

    @Test
    void trimRemovesTheOldestRecordsOfALogAndNothingOfTheOthers() {
        assertThat(fine("trim", log("orders"), "--up-to", 2).outText())
                .isEqualTo("first id: 3\nlast id: 3\nnext id: 4\nremoved records: 2\n");
        assertThat(fine("cat", log("orders"), "--ids").outText()).isEqualTo("3\tthree\n");
        assertThat(fine("cat", log("payments"), "--ids").outText()).isEqualTo("7\tseven\n8\teight\n");
    }

    @Test
    void truncateAndResetChangeALogOfAStore() {
        assertThat(fine("truncate", log("orders"), "--last-to-keep", 1, "--json")
                        .outText())
                .isEqualTo("{\"firstId\":1,\"lastId\":1,\"nextId\":2,\"removedRecords\":2}\n");
        assertThat(fine("reset", log("orders"), "--next-id", 50).outText()).contains("next id: 50\n");
        assertThat(fine("cat", log("orders")).outText()).isEmpty();
    }

    @Test
    void verifyReadsEveryRecordOfALog() {
        assertThat(fine("verify", log("orders")).outText())
                .contains("name: orders\n", "read records: 3\n", "read bytes: 11\n", "damaged places: 0\n");
    }

    @Test
    void verifyOfAStorePrintsOneLineForEachLog() {
        assertThat(fine("verify", store).outText())
                .isEqualTo("name\tfirst id\tlast id\tread records\tread bytes\tdamaged places\n"
                        + "empty\t-\t-\t0\t0\t0\norders\t1\t3\t3\t11\t0\npayments\t7\t8\t2\t10\t0\n");
        assertThat(fine("verify", store, "--json").outText())
                .contains("\"logCount\":3,\"damagedPlaces\":0,\"logs\":[{\"name\":\"empty\"", "\"damages\":[]")
                .hasLineCount(1);
    }

    @Test
    void unknownLogOfAStoreGetsSuggestionsAndIsNotCreated() throws IOException {
        String suggestion = store + ": the store has no log \"ordres\"; did you mean: \"orders\"";
        for (List<Object> command : List.of(
                List.<Object>of("info", log("ordres")),
                List.<Object>of("cat", log("ordres")),
                List.<Object>of("verify", log("ordres")),
                List.<Object>of("trim", log("ordres"), "--up-to", 1),
                List.<Object>of("truncate", log("ordres"), "--last-to-keep", 1),
                List.<Object>of("reset", log("ordres"), "--next-id", 1),
                List.<Object>of("copy", log("ordres"), parent.resolve("copy")))) {
            assertRefused(suggestion, command.toArray());
        }
        assertRefused("the store has no log \"zebra\"; `holdfast info " + store + "` lists its 3", "cat", log("zebra"));
        assertThat(parent.resolve("copy")).doesNotExist();
        try (LogStore open = LogStore.open(store)) {
            assertThat(open.names()).containsExactly("empty", "orders", "payments");
        }
    }

    @Test
    void existingDirectoryWinsOverALogOfAStore() {
        Path literal = parent.resolve("store#orders");
        fine(SampleStore.bytes("in the store\n"), "append", store + "#elsewhere");
        assertThat(literal.toFile().mkdir()).isTrue();
        fine(SampleStore.bytes("in the directory\n"), "append", literal);
        assertThat(fine("cat", literal).outText()).isEqualTo("in the directory\n");
        assertThat(fine("info", literal).outText()).contains("segments: 1\n");
        assertThat(fine("cat", store + "/#orders").outText()).isEqualTo("one\ntwo\nthree\n");
    }

    @Test
    void textIsSplitAtTheLastHashThatFollowsAStore() throws IOException {
        try (LogStore open = LogStore.open(store)) {
            open.log("a#b/c//d").append(SampleStore.bytes("x"));
        }
        assertThat(fine("cat", log("a#b/c//d")).outText()).isEqualTo("x\n");
        Path second = SampleStore.at(parent.resolve("store#orders"));
        assertThat(fine("cat", second + "#payments").outText()).isEqualTo("seven\neight\n");
    }

    @Test
    void hashInTheNameOfAParentDirectoryNamesNoStore() throws IOException {
        Path log = Files.createDirectory(parent.resolve("c#")).resolve("log");
        fine(SampleStore.bytes("x\n"), "append", log);
        assertThat(fine("cat", log).outText()).isEqualTo("x\n");
        fine("copy", log, parent.resolve("c#/copy"));
        assertThat(fine("cat", parent.resolve("c#/copy")).outText()).isEqualTo("x\n");
    }

    @Test
    void textWithoutAStoreOrALogIsRefused() {
        assertRefused("'#orders' names no store before the # (see holdfast cat --help)", "cat", "#orders");
        assertRefused("names no log after the # (see holdfast cat --help)", "cat", store + "#");
        assertRefused("the name must have 1 to 255 bytes", "cat", log("x".repeat(256)));
        assertRefused("missing: there is no such directory", "append", parent.resolve("missing") + "#orders");
        assertThat(parent.resolve("missing")).doesNotExist();
    }

    @Test
    void optionThatNeedsALogWithADirectoryOfItsOwnIsRefused() {
        assertRefused("name the shared log of the store, " + store + "/shared", "info", store, "--segments");
    }

    @Test
    void readingCommandsReadAStoreThatIsOpenElsewhere() throws IOException {
        try (LogStore open = LogStore.open(store);
                Log orders = open.log("orders")) {
            fine("info", store);
            fine("verify", store);
            fine("info", log("orders"));
            assertThat(fine("cat", log("orders"), "--ids").outText()).hasLineCount(3);
            assertRefused("is open for writing by", "trim", log("orders"), "--up-to", "1");
            assertThat(fine("info", store.resolve("shared")).outText()).contains("locked by: this process");
            assertThat(orders.firstId()).hasValue(1);
        }
    }

    @Test
    void catFollowsALogOfAStoreThatIsOpenElsewhere() throws Exception {
        try (LogStore open = LogStore.open(store);
                Log orders = open.log("orders")) {
            CompletableFuture<Tool.Result> cat = CompletableFuture.supplyAsync(
                    () -> Tool.run("cat", log("orders"), "--follow", "--from", "4", "--limit", "1", "--ids"));
            long id = orders.append("later".getBytes(StandardCharsets.UTF_8));
            Tool.Result result = cat.get();
            assertThat(result.exitCode()).as(result.err()).isZero();
            assertThat(text(result)).startsWith(id + "\t").endsWith("later\n");
        }
    }

    private String log(String name) {
        return store + "#" + name;
    }

    private static String text(Tool.Result result) {
        return new String(result.out(), StandardCharsets.UTF_8);
    }

    private static Tool.Result fine(Object... arguments) {
        return fine(new byte[0], arguments);
    }

    private static Tool.Result fine(byte[] input, Object... arguments) {
        Tool.Result result = Tool.run(input, arguments);
        assertThat(result.exitCode()).as(result.err()).isZero();
        return result;
    }

    private static void assertRefused(String text, Object... arguments) {
        assertRefused(text, Tool.run(arguments));
    }

    private static void assertRefused(String text, Tool.Result result) {
        assertThat(result.err()).startsWith("holdfast: ").contains(text).hasLineCount(1);
        assertThat(result.exitCode()).isEqualTo(2);
        assertThat(result.out()).isEmpty();
    }
}
