package dev.holdfast.cli;

import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import picocli.CommandLine;
import picocli.CommandLine.TypeConversionException;

/** Runs the tool. Every failure becomes one line on standard error and one of the {@link ExitCodes}. */
public final class Main {
    /** Names of the commands, in the order of the help. The help hides the last two. */
    private static final List<String> COMMANDS = List.of(
            "info",
            "cat",
            "append",
            "verify",
            "truncate",
            "trim",
            "reset",
            "repair",
            "copy",
            "demo",
            "bench",
            "completion",
            WarmUpCommand.NAME,
            DemoWriterCommand.NAME);

    private Main() {}

    public static void main(String[] args) {
        System.exit(run(Streams.ofProcess(), args));
    }

    static int run(Streams streams, String... args) {
        HoldfastCommand root = new HoldfastCommand();
        int exitCode;
        try {
            exitCode = commandLine(root, streams, wanted(args)).execute(args);
        } catch (Throwable unexpected) { // picocli does not catch an Error
            exitCode = report(unexpected, root, streams);
        }
        IOException lostOutput = streams.out().failure();
        return exitCode == ExitCodes.FINE && lostOutput != null ? report(lostOutput, root, streams) : exitCode;
    }

    /**
     * Returns the commands to create: the command that the arguments name, or all if none is named. Picocli inspects
     * each created command by reflection, which for all commands would take most of the time of a short run.
     */
    private static List<String> wanted(String... args) {
        for (String arg : args) {
            if (!arg.startsWith("-")) {
                return COMMANDS.contains(arg) ? List.of(arg) : COMMANDS;
            }
        }
        return COMMANDS;
    }

    private static Object command(String name, Streams streams) {
        return switch (name) {
            case "info" -> new InfoCommand(streams);
            case "cat" -> new CatCommand(streams);
            case "append" -> new AppendCommand(streams);
            case "verify" -> new VerifyCommand(streams);
            case "truncate" -> new TruncateCommand(streams);
            case "trim" -> new TrimCommand(streams);
            case "reset" -> new ResetCommand(streams);
            case "repair" -> new RepairCommand(streams);
            case "copy" -> new CopyCommand(streams);
            case "demo" -> new DemoCommand(streams);
            case "bench" -> new BenchCommand();
            case "completion" -> new CompletionCommand(streams);
            case WarmUpCommand.NAME -> new WarmUpCommand();
            case DemoWriterCommand.NAME -> new DemoWriterCommand(streams);
            default -> throw new AssertionError(name);
        };
    }

    /** Returns a command line with every command. */
    static CommandLine commandLine(HoldfastCommand root, Streams streams) {
        return commandLine(root, streams, COMMANDS);
    }

    private static CommandLine commandLine(HoldfastCommand root, Streams streams, List<String> commands) {
        CommandLine commandLine = new CommandLine(root);
        for (String name : commands) {
            commandLine.addSubcommand(command(name, streams));
        }
        commandLine
                .registerConverter(Path.class, Main::path)
                .registerConverter(Location.class, Location::of)
                .registerConverter(OptionalLong.class, Main::id);
        for (Class<Long> type : List.of(Long.class, long.class)) {
            commandLine.registerConverter(type, argument -> number(argument, Long.MIN_VALUE, Long.MAX_VALUE));
        }
        for (Class<Integer> type : List.of(Integer.class, int.class)) {
            commandLine.registerConverter(
                    type, argument -> (int) number(argument, Integer.MIN_VALUE, Integer.MAX_VALUE));
        }
        commandLine.setExpandAtFiles(false); // a directory may be named @x
        boolean coloured = Style.of(streams).coloured();
        commandLine.setColorScheme(
                CommandLine.Help.defaultColorScheme(coloured ? CommandLine.Help.Ansi.ON : CommandLine.Help.Ansi.OFF));
        commandLine.setOut(new PrintWriter(new OutputStreamWriter(streams.out(), StandardCharsets.UTF_8), true));
        commandLine.setParameterExceptionHandler((mistake, arguments) -> report(mistake, root, streams));
        commandLine.setExecutionExceptionHandler((failure, command, parsed) -> report(failure, root, streams));
        return commandLine;
    }

    private static int report(Throwable failure, HoldfastCommand root, Streams streams) {
        if (CtrlC.isEnding()) {
            return ExitCodes.FAILURE; // nobody sees this code: the signal ends the process
        }
        streams.err().println("holdfast: " + FailureText.of(failure));
        if (root.debug()) {
            failure.printStackTrace(streams.err());
        }
        return ExitCodes.of(failure);
    }

    /** Parses an id. Accepts a negative id: the command refuses it with a message that names the purpose of the id. */
    private static OptionalLong id(String argument) {
        try {
            return OptionalLong.of(Long.parseLong(argument));
        } catch (NumberFormatException e) {
            throw noNumber(argument, 0, Long.MAX_VALUE);
        }
    }

    private static long number(String argument, long from, long to) {
        try {
            long number = Long.parseLong(argument);
            if (number >= from && number <= to) {
                return number;
            }
        } catch (NumberFormatException e) {
            throw noNumber(argument, from, to);
        }
        throw noNumber(argument, from, to);
    }

    private static TypeConversionException noNumber(String argument, long from, long to) {
        return new TypeConversionException("'" + argument + "' is not a whole number from " + from + " to " + to);
    }

    /**
     * Parses a directory's name. An empty name is refused: it usually comes from an unset variable in a script, not
     * from a user who means the working directory.
     */
    static Path path(String argument) {
        if (argument.isEmpty()) {
            throw new TypeConversionException("the name of a directory must not be empty");
        }
        try {
            return Path.of(argument);
        } catch (InvalidPathException e) {
            String why = argument.indexOf('\0') >= 0
                    ? "it contains a zero byte"
                    : "the locale cannot encode its characters: set LC_ALL=C.UTF-8";
            throw new TypeConversionException("'" + argument + "' cannot be the name of a directory: " + why);
        }
    }
}
