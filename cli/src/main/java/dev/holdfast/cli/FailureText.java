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

/** Makes the one-line text that the tool prints for a failure. */
final class FailureText {
    private static final int MOST_SUGGESTIONS = 3;

    private FailureText() {}

    /** Returns the text of a failure, on one line, for people. */
    static String of(Throwable failure) {
        return onOneLine(describe(failure));
    }

    /**
     * Replaces control characters with spaces. A message, or a path in it, therefore cannot break the line or send
     * control sequences to the terminal.
     */
    static String onOneLine(String text) {
        return text.replaceAll("[\\p{Cntrl}\\u0085\\u2028\\u2029]+", " ").strip();
    }

    /** Appends a remark to a text: as a new sentence if the text ends with a period, otherwise after a semicolon. */
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
        return "internal error: " + failure + " (--debug prints the stack trace)";
    }

    /** Returns the error message for a mistake on the command line. An unknown command or option gets suggestions. */
    private static String mistake(ParameterException failure) {
        if (failure instanceof MissingParameterException e) {
            // Picocli reports a missing directory before it reports an unknown option. The unknown option may be in
            // the place of the directory, so report the option.
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
                : text + "; did you mean: "
                        + String.join(", ", similar.subList(0, Math.min(MOST_SUGGESTIONS, similar.size())));
    }

    /** Returns a text for a file system exception without a reason, whose message may be no more than a path. */
    private static String describeBare(FileSystemException failure) {
        if (failure instanceof NoSuchFileException) {
            return failure.getFile() + ": no such file or directory";
        }
        if (failure instanceof FileAlreadyExistsException) {
            return failure.getFile() + ": already exists and is not a directory";
        }
        if (failure instanceof AccessDeniedException) {
            return failure.getFile() + ": permission denied";
        }
        // NotDirectoryException accepts no reason, so the log puts the reason after the path.
        return failure instanceof NotDirectoryException
                ? failure.getFile()
                : failure.getClass().getSimpleName() + ": " + failure.getFile();
    }
}
