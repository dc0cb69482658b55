package dev.holdfast.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The command {@code holdfast} itself, which only prints the help. Its subcommands do the work. */
@Command(
        name = "holdfast",
        description = "A write-ahead log: acknowledged records survive process kill and power failure.",
        synopsisSubcommandLabel = "COMMAND",
        commandListHeading = "%nCommands:%n",
        versionProvider = HoldfastCommand.Version.class,
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:success",
            "1:the log is damaged, or the demo found a loss",
            "2:wrong usage, or any other failure"
        },
        footer = {
            "",
            "Examples:",
            "  seq 1 1000 | holdfast append numbers",
            "  holdfast cat numbers --from 990",
            "  holdfast info numbers",
            "  holdfast demo"
        },
        scope = ScopeType.INHERIT)
final class HoldfastCommand {
    /** Reads the version from the manifest of the runnable jar. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Main.class.getPackage().getImplementationVersion();
            return new String[] {"holdfast " + (version == null ? "(built from source, not packaged)" : version)};
        }
    }

    @Option(
            names = "--debug",
            description = "After the error message, print the stack trace.",
            scope = ScopeType.INHERIT)
    private boolean debug;

    boolean debug() {
        return debug;
    }
}
