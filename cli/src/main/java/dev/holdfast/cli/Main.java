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

/** Runs the tool. Whatever goes wrong ends in one line on standard error and in one of the {@link ExitCodes}. */
public final class Main {
    /** In the order in which the help lists them; it leaves the last two out. */
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
        } catch (Throwable unexpected) { // picocli passes an Error on
            exitCode = report(unexpected, root, streams);
        }
        IOException lostOutput = streams.out().failure();
        return exitCode == ExitCodes.FINE && lostOutput != null ? report(lostOutput, root, streams) : exitCode;
    }

    /**
     * The commands that this line can mean: one, or all. Picocli looks at each by reflection, and most of a short run
     * would go into those that nobody asked for.
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

    /** All of it, with every command. */
    static CommandLine commandLine(HoldfastCommand root, Streams streams) {
        return commandLine(root, streams, COMMANDS);
    }

    private static CommandLine commandLine(HoldfastCommand root, Streams streams, List<String> commands) {
        CommandLine commandLine = new CommandLine(root);
        for (String name : commands) {
            commandLine.addSubcommand(command(name, streams));
        }
        commandLine.registerConverter(Path.class, Main::path).registerConverter(OptionalLong.class, Main::id);
        for (Class<Long> type : List.of(Long.class, long.class)) {
            commandLine.registerConverter(type, argument -> number(argument, Long.MIN_VALUE, Long.MAX_VALUE));
        }
        for (Class<Integer> type : List.of(Integer.class, int.class)) {
            commandLine.registerConverter(
                    type, argument -> (int) number(argument, Integer.MIN_VALUE, Integer.MAX_VALUE));
        }
        commandLine.setExpandAtFiles(false); // a directory may be called @x
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
            return ExitCodes.FAILURE; // which nobody sees: the process ends by the signal
        }
        streams.err().println("holdfast: " + FailureText.of(failure));
        if (root.debug()) {
            failure.printStackTrace(streams.err());
        }
        return ExitCodes.of(failure);
    }

    /** A negative one is refused by the command, which knows what it is the id of. */
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

    /** An empty argument is an unset variable of a script, never meant as the working directory. */
    private static Path path(String argument) {
        if (argument.isEmpty()) {
            throw new TypeConversionException("a directory's name must not be empty");
        }
        try {
            return Path.of(argument);
        } catch (InvalidPathException e) {
            String why = argument.indexOf('\0') >= 0
                    ? "it has a zero byte"
                    : "the locale does not have its characters: set LC_ALL=C.UTF-8";
            throw new TypeConversionException("'" + argument + "' can not be the name of a directory: " + why);
        }
    }
}
