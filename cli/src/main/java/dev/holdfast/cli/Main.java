package dev.holdfast.cli;

import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.util.OptionalLong;
import picocli.CommandLine;
import picocli.CommandLine.TypeConversionException;

/** Runs the tool. Whatever goes wrong ends in one line on standard error and in one of the {@link ExitCodes}. */
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        System.exit(run(Streams.ofProcess(), args));
    }

    static int run(Streams streams, String... args) {
        HoldfastCommand root = new HoldfastCommand();
        int exitCode;
        try {
            exitCode = commandLine(root, streams).execute(args);
        } catch (Throwable unexpected) { // picocli passes an Error on
            exitCode = report(unexpected, root, streams);
        }
        IOException lostOutput = streams.out().failure();
        return exitCode == ExitCodes.FINE && lostOutput != null ? report(lostOutput, root, streams) : exitCode;
    }

    static CommandLine commandLine(HoldfastCommand root, Streams streams) {
        CommandLine commandLine = new CommandLine(root)
                .addSubcommand(new InfoCommand(streams))
                .addSubcommand(new CatCommand(streams))
                .addSubcommand(new AppendCommand(streams))
                .addSubcommand(new VerifyCommand(streams))
                .addSubcommand(new TruncateCommand(streams))
                .addSubcommand(new TrimCommand(streams))
                .addSubcommand(new ResetCommand(streams))
                .addSubcommand(new RepairCommand(streams))
                .addSubcommand(new CopyCommand(streams))
                .addSubcommand(new DemoCommand(streams))
                .addSubcommand(new BenchCommand())
                .addSubcommand(new WarmUpCommand())
                .addSubcommand(new DemoWriterCommand(streams))
                .registerConverter(Path.class, Main::path)
                .registerConverter(OptionalLong.class, Main::number);
        commandLine.setExpandAtFiles(false); // a directory may be called @x
        boolean coloured = Style.of(streams).coloured();
        commandLine.setColorScheme(
                CommandLine.Help.defaultColorScheme(coloured ? CommandLine.Help.Ansi.ON : CommandLine.Help.Ansi.OFF));
        commandLine.setOut(new PrintWriter(new OutputStreamWriter(streams.out(), Charset.defaultCharset()), true));
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

    private static OptionalLong number(String argument) {
        try {
            return OptionalLong.of(Long.parseLong(argument));
        } catch (NumberFormatException e) {
            throw new TypeConversionException("'" + argument + "' is not a whole number");
        }
    }

    /** An empty argument is an unset variable of a script, never meant as the working directory. */
    private static Path path(String argument) {
        if (argument.isEmpty()) {
            throw new TypeConversionException("a directory's name must not be empty");
        }
        return Path.of(argument);
    }
}
