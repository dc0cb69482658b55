package dev.holdfast.cli;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import picocli.CommandLine.TypeConversionException;

/**
 * What the first argument of a command names: the directory of a log, a store of many logs, or a log of a store.
 *
 * <p>The text {@code STORE#name} names a log of a store. The rules, in this order:
 *
 * <ol>
 *   <li>An existing directory is named by its whole path, even if the path contains {@code #}.
 *   <li>Otherwise the text is split at the last {@code #} that follows the directory of a store.
 *   <li>If no {@code #} does, the text is split at its last {@code #}, and no store is found. If that {@code #} is in
 *       the path of a parent directory, the text is the path of a new directory.
 * </ol>
 */
sealed interface Location {
    /** Help text for commands that read an existing log. */
    String TO_READ = "The log's directory, or STORE#name: a log of a store.";

    /** Help text for commands that change an existing log. */
    String TO_CHANGE = "The log's directory, or STORE#name: a log of a store that no other process has open.";

    /** Help text for commands that also take a whole store. */
    String OF_A_LOG_OR_STORE = "The log's directory. Also STORE or STORE#name: a store, or a log of it.";

    /** The directory of a log. */
    record Directory(Path path) implements Location {
        @Override
        public String toString() {
            return path.toString();
        }
    }

    /** The directory of a store. */
    record Store(Path path) implements Location {
        @Override
        public String toString() {
            return path.toString();
        }
    }

    /** The directory of the log that all logs of a store share. */
    record SharedLog(Path path) implements Location {
        /** Returns the directory of the store. */
        Path store() {
            Path parent = Stores.real(path).getParent();
            if (parent == null) throw new AssertionError("a shared log is below the directory of its store");
            return parent;
        }

        @Override
        public String toString() {
            return path.toString();
        }
    }

    /**
     * A log of a store. Neither the store nor the log is known to exist.
     *
     * @param path the directory of the store
     */
    record LogOfStore(Path path, String name) implements Location {
        @Override
        public String toString() {
            return path + "#" + Names.escaped(name);
        }
    }

    /** The path that the location begins with: a directory of a log or of a store. */
    Path path();

    /** Parses the argument of a command. */
    static Location of(String text) {
        int last = text.lastIndexOf('#');
        if (last < 0 || isDirectory(text)) {
            return ofDirectory(Main.path(text));
        }
        for (int at = last; at > 0; at = text.lastIndexOf('#', at - 1)) {
            Path store = Main.path(text.substring(0, at));
            if (Stores.isStore(store)) {
                return ofLog(text, store, text.substring(at + 1));
            }
        }
        if (text.indexOf(File.separatorChar, last) >= 0) {
            return ofDirectory(Main.path(text));
        }
        if (last == 0) {
            throw new TypeConversionException("'" + text + "' names no store before the #");
        }
        return ofLog(text, Main.path(text.substring(0, last)), text.substring(last + 1));
    }

    private static Location ofDirectory(Path path) {
        if (Stores.isStore(path)) {
            return new Store(path);
        }
        return Stores.isSharedLog(path) ? new SharedLog(path) : new Directory(path);
    }

    private static Location ofLog(String text, Path store, String name) {
        if (name.isEmpty()) {
            throw new TypeConversionException("'" + text + "' names no log after the #");
        }
        return new LogOfStore(store, name);
    }

    private static boolean isDirectory(String text) {
        try {
            return Files.isDirectory(Path.of(text));
        } catch (InvalidPathException e) {
            return false;
        }
    }
}
