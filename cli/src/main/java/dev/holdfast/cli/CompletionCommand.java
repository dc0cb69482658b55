package dev.holdfast.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;

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
        streams.print(AutoComplete.bash("holdfast", Main.commandLine(new HoldfastCommand(), streams)));
        return ExitCodes.FINE;
    }
}
