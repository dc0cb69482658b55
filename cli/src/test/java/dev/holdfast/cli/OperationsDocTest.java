package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testkit.project.ProjectRoot;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/**
 * Checks that commands in messages exist, and that {@code docs/operations.md} contains each message and each name of
 * the JSON.
 */
class OperationsDocTest {
    private static final Pattern COMMAND = Pattern.compile("`holdfast ([a-z]+[^`]*)`");
    private static final Pattern LITERAL = Pattern.compile("\"((?:[^\"\\\\]|\\\\.)*)\"");

    /** The begin of a message: a constructor, a method that only calls one, or the builder for damage. */
    private static final Pattern MESSAGE = Pattern.compile(
            "(new (?:CallRefused|CorruptLog|DiskFull|LogFailed|LogFilesChanged|LogLocked|RecordsRemoved|UnsupportedFormat|RecordTooLarge|RepairRefused)"
                    + "Exception|\\bdamaged|\\bdamage|\\bDamage\\.(?:at|missing))\\(");

    @TempDir
    private Path parent;

    @Test
    void everyCommandInAMessageExistsAndIsComplete() throws IOException {
        Set<String> commands = new TreeSet<>();
        for (Path source : sources("core/src/main/java", "cli/src/main/java")) {
            String joined = Files.readString(source)
                    .replaceAll("\"\\s*\\+\\s*\"", "")
                    .replaceAll("\"\\s*\\+[^\"]*\\+\\s*\"", "1");
            addCommands(literals(joined), commands);
        }
        assertThat(commands).isNotEmpty();
        addCommands(Files.readString(ProjectRoot.path().resolve("docs/operations.md")), commands);
        for (String command : commands) {
            String[] arguments = command.replaceAll("ID\\b", "1")
                    .replaceAll("COMMAND\\b", "cat")
                    .split(" ");
            if (arguments.length == 1) {
                assertThat(commandLine().getSubcommands()).containsKey(command);
            } else {
                assertThat(commandLine().parseArgs(arguments).hasSubcommand())
                        .as(command)
                        .isTrue();
            }
        }
    }

    private static void addCommands(String text, Set<String> commands) {
        Matcher matcher = COMMAND.matcher(text);
        while (matcher.find()) {
            commands.add(matcher.group(1).replace("<dir>", "DIR").replaceAll(" \\|.*", ""));
        }
    }

    private static CommandLine commandLine() {
        return Main.commandLine(new HoldfastCommand(), Streams.ofProcess());
    }

    @Test
    void everyMessageIsInTheGuide() throws IOException {
        List<String> phrases = new ArrayList<>();
        Matcher rows = Pattern.compile("(?m)^\\|.*$")
                .matcher(Files.readString(ProjectRoot.path().resolve("docs/operations.md")));
        while (rows.find()) {
            Matcher quoted = Pattern.compile("`([^`]+)`").matcher(rows.group());
            while (quoted.find()) {
                phrases.add(quoted.group(1));
            }
        }
        int messages = 0;
        for (Path source : sources("core/src/main/java")) {
            String code = Files.readString(source);
            Matcher begin = MESSAGE.matcher(code);
            while (begin.find()) {
                String text = literals(call(code, begin.end() - 1));
                if (begin.group(1).equals("Damage.missing")) {
                    text = "is missing, " + text;
                }
                if (text.length() > 10) { // a shorter text is passed on from elsewhere, or is only a file name
                    messages++;
                    assertThat(phrases).as(source.getFileName() + ": " + text).anyMatch(text::contains);
                }
            }
        }
        assertThat(messages).isGreaterThan(20);
    }

    @Test
    void everyNameOfTheJsonIsInTheGuide() throws IOException {
        String guide = Files.readString(ProjectRoot.path().resolve("docs/operations.md"));
        Path log = parent.resolve("log");
        Path store = SampleStore.at(parent.resolve("store"));
        byte[] input = "x\ny\n".getBytes(StandardCharsets.US_ASCII);
        String json = Tool.run(input, "append", log, "--json").outText()
                + Tool.run("info", log, "--json").outText()
                + Tool.run("verify", log, "--json").outText()
                + Tool.run("copy", log, parent.resolve("copy"), "--json").outText()
                + Tool.run("repair", log, "--drop-from", 2, "--apply", "--json").outText()
                + Tool.run("truncate", log, "--last-to-keep", 1, "--json").outText()
                + Tool.run("info", store, "--json").outText()
                + Tool.run("info", store + "#orders", "--json").outText()
                + Tool.run("verify", store, "--json").outText()
                + Tool.run("copy", log, store + "#copy", "--json").outText()
                + Tool.run("verify", DamagedLog.at(parent.resolve("damaged")), "--json")
                        .outText();
        assertThat(json).hasLineCount(11);
        Matcher names = Pattern.compile("\"([a-zA-Z]+)\":").matcher(json);
        Set<String> found = new TreeSet<>();
        while (names.find()) {
            found.add(names.group(1));
        }
        assertThat(found)
                .hasSizeGreaterThan(30)
                .allSatisfy(name -> assertThat(guide).contains("`" + name + "`"));
    }

    /** Returns the text from an opening bracket to its closing bracket. */
    private static String call(String code, int bracket) {
        int depth = 0;
        boolean quoted = false;
        for (int i = bracket; i < code.length(); i++) {
            char c = code.charAt(i);
            if (c == '"' && code.charAt(i - 1) != '\\') {
                quoted = !quoted;
            } else if (!quoted && c == '(') {
                depth++;
            } else if (!quoted && c == ')' && --depth == 0) {
                return code.substring(bracket, i);
            }
        }
        throw new AssertionError("no closing bracket");
    }

    private static String literals(String code) {
        StringBuilder text = new StringBuilder();
        Matcher literal = LITERAL.matcher(code);
        while (literal.find()) {
            text.append(literal.group(1));
        }
        return text.toString();
    }

    private static List<Path> sources(String... folders) throws IOException {
        List<Path> sources = new ArrayList<>();
        for (String folder : folders) {
            try (Stream<Path> all = Files.walk(ProjectRoot.path().resolve(folder))) {
                all.filter(path -> path.toString().endsWith(".java")).forEach(sources::add);
            }
        }
        return sources;
    }
}
