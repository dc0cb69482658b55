package dev.holdfast.bench.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where the class paths are that the build has written down.
 *
 * @param bench the directory of the bench's modules
 * @param output the name of their output directories
 */
public record ClassPaths(Path bench, String output) {
    /** Where the build has put what it made of a module. */
    public Path output(String module) {
        return bench.resolve(module).resolve(output);
    }

    /** The class path of what is in a module, with all that it needs. */
    public String of(String module) throws IOException {
        Path directory = output(module);
        String others = Files.readString(directory.resolve("class-path")).strip();
        return directory.resolve("classes") + System.getProperty("path.separator") + others;
    }

    /** What the JVM of a module is told beside what all are: its tests are told the same. */
    public List<String> jvmOptions(String module) {
        List<String> options = new ArrayList<>();
        Path file = bench.resolve(module).resolve("jvm-options");
        if (Files.exists(file)) {
            options.add("@" + file);
        }
        Path libraries = output(module).resolve("native");
        if (Files.exists(libraries)) {
            options.add("-Djava.library.path=" + libraries);
        }
        return options;
    }

    /** The version of a contender's own jar. */
    public String version(Entrant entrant) throws IOException {
        Pattern jar = Pattern.compile(Pattern.quote(entrant.artifact()) + "-(\\d.*)\\.jar$");
        for (String element : of(entrant.module()).split(System.getProperty("path.separator"), -1)) {
            Matcher version = jar.matcher(element);
            if (version.find()) {
                return version.group(1);
            }
        }
        return "unknown";
    }
}
