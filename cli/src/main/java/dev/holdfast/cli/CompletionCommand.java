package dev.holdfast.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** {@code holdfast completion}: prints the script with which a shell completes commands and options. */
@Command(
        name = "completion",
        description = {
            "Prints a script that lets bash or zsh complete commands, options and directories.",
        },
        footer = {
            "",
            "Examples:",
            "  source <(holdfast completion)",
            "  holdfast completion > /etc/bash_completion.d/holdfast"
        })
final class CompletionCommand implements Callable<Integer> {
    private final Streams streams;

    CompletionCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws IOException {
        CommandLine tool = Main.commandLine(new HoldfastCommand(), streams);
        tool.getSubcommands().values().forEach(command -> completeDirectories(command.getCommandSpec()));
        streams.print(AutoComplete.bash("holdfast", tool));
        return ExitCodes.FINE;
    }

    /** Makes the locations of logs complete as paths. Picocli completes only what has the type of a path. */
    private static void completeDirectories(CommandSpec command) {
        for (PositionalParamSpec parameter : List.copyOf(command.positionalParameters())) {
            if (parameter.type().equals(Location.class)) {
                command.remove(parameter);
                command.add(PositionalParamSpec.builder()
                        .index(parameter.index())
                        .paramLabel(parameter.paramLabel())
                        .type(Path.class)
                        .build());
            }
        }
    }
}
