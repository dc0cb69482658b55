package dev.holdfast.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** What a failure is called in the one line that the tool prints about it. */
final class FailureText {
    private static final int MOST_SUGGESTIONS = 3;

    private FailureText() {}

    /** One line for people. */
    static String of(Throwable failure) {
        return onOneLine(describe(failure));
    }

    /** Control characters become spaces: a message, or a path in it, never breaks the line or steers the terminal. */
    static String onOneLine(String text) {
        return text.replaceAll("[\\p{Cntrl}\\u0085\\u2028\\u2029]+", " ").strip();
    }

    /** Puts a remark behind a text, which is a sentence with its period or a part of one without. */
    static String followedBy(String text, String remark) {
        return text.endsWith(".")
                ? text + " " + Character.toUpperCase(remark.charAt(0)) + remark.substring(1)
                : text + "; " + remark;
    }

    private static String describe(Throwable failure) {
        Throwable cause = failure.getCause();
        if (cause != null && (failure instanceof UncheckedIOException || failure instanceof CompletionException)) {
            return describe(cause);
        }
        if (failure instanceof ParameterException e) {
            return mistake(e) + " (see " + e.getCommandLine().getCommandSpec().qualifiedName() + " --help)";
        }
        if (failure instanceof FileSystemException e && e.getReason() == null) {
            return describeBare(e);
        }
        if (failure instanceof IOException e) {
            return Objects.requireNonNullElse(e.getMessage(), e.getClass().getSimpleName());
        }
        if (failure instanceof IllegalArgumentException && failure.getMessage() != null) {
            return failure.getMessage();
        }
        return "internal error: " + failure + " (--debug shows where)";
    }

    /** A word that is not known is named alone, with those that may be meant. */
    private static String mistake(ParameterException failure) {
        if (failure instanceof MissingParameterException e) {
            // Picocli misses a directory before it tells of an option that it does not know, which may have been in its
            // place.
            Optional<String> unknown = e.getCommandLine().getUnmatchedArguments().stream()
                    .filter(word -> word.startsWith("-"))
                    .findFirst();
            if (unknown.isPresent()) {
                return "there is no option '" + unknown.get() + "'";
            }
        }
        if (!(failure instanceof UnmatchedArgumentException e)) {
            return Objects.requireNonNullElse(failure.getMessage(), "the command line is wrong");
        }
        String word = e.getUnmatched().get(0);
        String text = "'" + word + "' is not expected here";
        if (e.isUnknownOption()) {
            text = "there is no option '" + word + "'";
        } else if (e.getCommandLine().getParent() == null) {
            text = "there is no command '" + word + "'";
        }
        List<String> similar = e.getSuggestions();
        return similar.isEmpty()
                ? text
                : text + "; is this meant: "
                        + String.join(", ", similar.subList(0, Math.min(MOST_SUGGESTIONS, similar.size())));
    }

    /** The JDK's exceptions about files may have a path for a message: they get the words. */
    private static String describeBare(FileSystemException failure) {
        if (failure instanceof NoSuchFileException) {
            return failure.getFile() + ": no such file or directory";
        }
        if (failure instanceof FileAlreadyExistsException) {
            return failure.getFile() + ": exists already, and is no directory";
        }
        if (failure instanceof AccessDeniedException) {
            return failure.getFile() + ": permission denied";
        }
        // This one takes no reason: the log puts it behind the path.
        return failure instanceof NotDirectoryException
                ? failure.getFile()
                : failure.getClass().getSimpleName() + ": " + failure.getFile();
    }
}
