package dev.holdfast.spec;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.holdfast.testkit.project.ProjectRoot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A TLA+ module with the configuration under which TLC checks it. Immutable. */
record Model(String name, Map<String, String> modules, String configuration) {
    /** Returns a module of this directory with its configuration file. */
    static Model of(String name) throws IOException {
        return new Model(name, Map.of(name, text(name)), Files.readString(file(name + ".cfg"), UTF_8));
    }

    /** Returns the text of a module of this directory. */
    static String text(String name) throws IOException {
        return Files.readString(file(name + ".tla"), UTF_8);
    }

    private static Path file(String name) {
        return ProjectRoot.path().resolve("spec").resolve(name);
    }

    /** Returns this model with another value of a constant. */
    Model with(String constant, Object value) {
        Matcher line = Pattern.compile("(?m)^  " + constant + " = .*$").matcher(configuration);
        if (!line.find()) throw new IllegalArgumentException(name + ".cfg has no constant " + constant);
        String text = value instanceof Boolean ? value.toString().toUpperCase(java.util.Locale.ROOT) : value.toString();
        return new Model(name, modules, line.replaceAll("  " + constant + " = " + text));
    }

    /** Returns this model with further lines in its configuration. */
    Model configured(String lines) {
        return new Model(name, modules, configuration + lines + "\n");
    }

    /** Returns this model with another specification and invariant. */
    Model specified(String specification, String invariant) {
        String text = configuration
                .replaceFirst("(?m)^SPECIFICATION .*$", "SPECIFICATION " + specification)
                .replaceFirst("(?m)^INVARIANT .*$", "INVARIANT " + invariant);
        return new Model(name, modules, text);
    }

    /** Returns this model with another module that extends it, to be checked instead. */
    Model extendedBy(String other, String module) {
        Map<String, String> all = new LinkedHashMap<>(modules);
        all.put(other, module);
        return new Model(other, all, configuration);
    }

    /** Returns this model with one part of the module's text replaced. The part must occur exactly once. */
    Model mutated(String part, String replacement) {
        Map<String, String> all = new LinkedHashMap<>(modules);
        String text = all.get(name);
        if (text == null || text.indexOf(part) < 0 || text.indexOf(part) != text.lastIndexOf(part)) {
            throw new IllegalArgumentException(name + ".tla does not contain exactly once: " + part);
        }
        all.put(name, text.replace(part, replacement));
        return new Model(name, all, configuration);
    }

    /** Writes the files that TLC reads into a folder, and returns TLC's arguments. */
    List<String> write(Path folder) throws IOException {
        for (Map.Entry<String, String> module : modules.entrySet()) {
            Files.writeString(folder.resolve(module.getKey() + ".tla"), module.getValue(), UTF_8);
        }
        Files.writeString(folder.resolve(name + ".cfg"), configuration, UTF_8);
        return new ArrayList<>(List.of("-config", name + ".cfg", name));
    }
}
