package dev.holdfast.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The tool itself: it does nothing without a command. */
@Command(
        name = "holdfast",
        description = "A write-ahead log: what it acknowledged survives a killed process and power failure.",
        synopsisSubcommandLabel = "COMMAND",
        commandListHeading = "%nCommands:%n",
        versionProvider = HoldfastCommand.Version.class,
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:all is well",
            "1:the log is damaged, or the demo found a loss",
            "2:wrong usage, and every other failure"
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
    /** The version is in the manifest of the runnable jar. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Main.class.getPackage().getImplementationVersion();
            return new String[] {"holdfast " + (version == null ? "(built from source, not packaged)" : version)};
        }
    }

    @Option(
            names = "--debug",
            description = "After the line that tells what failed, print where.",
            scope = ScopeType.INHERIT)
    private boolean debug;

    boolean debug() {
        return debug;
    }
}
