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
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** A TLA+ module with the configuration under which TLC checks it. Immutable. */
record Model(String name, Map<String, String> modules, String configuration) {
    /** Returns a module of this directory with its configuration file, and the modules that it extends. */
    static Model of(String name, String... extended) throws IOException {
        Map<String, String> modules = new LinkedHashMap<>();
        modules.put(name, text(name));
        for (String other : extended) {
            modules.put(other, text(other));
        }
        return new Model(name, modules, Files.readString(file(name + ".cfg"), UTF_8));
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

    /** Returns this model without its properties of whole behaviours, except one. */
    Model withOnly(String property) {
        return new Model(name, modules, configuration.replaceAll("(?m)^PROPERTY (?!" + property + "$).*\\R", ""));
    }

    /** Returns the names of the properties of whole behaviours. */
    Set<String> properties() {
        return Pattern.compile("(?m)^PROPERTY (.*)$")
                .matcher(configuration)
                .results()
                .map(line -> line.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** Returns this model with another module that extends it, to be checked instead. */
    Model extendedBy(String other, String module) {
        Map<String, String> all = new LinkedHashMap<>(modules);
        all.put(other, module);
        return new Model(other, all, configuration);
    }

    /** Returns this model with one part of the text of its modules replaced. The part must occur exactly once. */
    Model mutated(String part, String replacement) {
        Map<String, String> all = new LinkedHashMap<>(modules);
        int found = 0;
        for (Map.Entry<String, String> module : all.entrySet()) {
            String text = module.getValue();
            found += text.split(Pattern.quote(part), -1).length - 1;
            module.setValue(text.replace(part, replacement));
        }
        if (found != 1) throw new IllegalArgumentException(name + " contains " + found + " times: " + part);
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
