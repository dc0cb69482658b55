package dev.holdfast.bench.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The class paths that the build has written to files.
 *
 * @param bench the directory of the modules of the benchmark
 * @param output the name of their output directories
 */
public record ClassPaths(Path bench, String output) {
    /** Returns the output directory of a module. */
    public Path output(String module) {
        return bench.resolve(module).resolve(output);
    }

    /** Returns the class path of a module with its dependencies. */
    public String of(String module) throws IOException {
        Path directory = output(module);
        String others = Files.readString(directory.resolve("class-path")).strip();
        return directory.resolve("classes") + System.getProperty("path.separator") + others;
    }

    /** Returns the JVM options that a module needs in addition. The tests of the module use the same options. */
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

    /** Returns the version of a contender's own jar. */
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
