package dev.holdfast.fuzz;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.LocalDateTime;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;

/**
 * The inputs of the fuzz tests, one zip file per class. {@code FooFuzzTestInputs.zip} contains the directory
 * {@code FooFuzzTestInputs}, in which Jazzer looks for inputs named {@code METHOD/INPUT}.
 *
 * <p>Jazzer writes the failures that it finds to such a directory below {@code src/test/resources}. This class is also
 * a program that moves these files into the zip files, so it uses nothing but the JDK.
 */
public final class Corpus {
    private static final String SUFFIX = "Inputs";
    // Any fixed time. The same inputs always make the same bytes.
    private static final LocalDateTime TIME = LocalDateTime.of(2026, 1, 1, 0, 0);

    private Corpus() {}

    /** Moves all inputs below a directory of test resources into the zip files. */
    public static void main(String[] args) throws IOException {
        if (args.length != 1) {
            throw new IllegalArgumentException("usage: java Corpus.java DIRECTORY_OF_TEST_RESOURCES");
        }
        List<Path> directories;
        try (Stream<Path> files = Files.walk(Path.of(args[0]))) {
            directories = files.filter(file -> file.toString().endsWith(SUFFIX) && Files.isDirectory(file))
                    .toList();
        }
        for (Path directory : directories) {
            pack(directory);
        }
    }

    /** Returns the name of the zip file with the inputs of a class. */
    static String packName(Class<?> test) {
        return test.getSimpleName() + SUFFIX + ".zip";
    }

    /** Returns the inputs in a zip file by their paths, {@code METHOD/INPUT}. */
    static SortedMap<String, byte[]> read(Path pack) throws IOException {
        SortedMap<String, byte[]> inputs = new TreeMap<>();
        try (ZipInputStream zip = new ZipInputStream(Files.newInputStream(pack))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                inputs.put(entry.getName(), zip.readAllBytes());
            }
        }
        if (inputs.isEmpty()) {
            throw new IOException(pack + " contains no inputs");
        }
        return inputs;
    }

    /** Writes a zip file. Inputs are not compressed, because the result of compression depends on the JDK. */
    static void write(Path pack, SortedMap<String, byte[]> inputs) throws IOException {
        Path unfinished = Path.of(pack + ".new");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(unfinished))) {
            zip.setMethod(ZipOutputStream.STORED);
            for (Map.Entry<String, byte[]> input : inputs.entrySet()) {
                CRC32 crc = new CRC32();
                crc.update(input.getValue());
                ZipEntry entry = new ZipEntry(input.getKey());
                entry.setTimeLocal(TIME);
                entry.setSize(input.getValue().length);
                entry.setCrc(crc.getValue());
                zip.putNextEntry(entry);
                zip.write(input.getValue());
            }
        }
        Files.move(unfinished, pack, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Unpacks a zip file into a directory beside it, and returns the directory. */
    static Path unpack(Path pack) throws IOException {
        String name = pack.toString();
        Path directory = Path.of(name.substring(0, name.length() - ".zip".length()));
        for (Map.Entry<String, byte[]> input : read(pack).entrySet()) {
            Path file = directory.resolve(input.getKey());
            Files.createDirectories(file.getParent());
            Files.write(file, input.getValue());
        }
        return directory;
    }

    private static void pack(Path directory) throws IOException {
        Path pack = Path.of(directory + ".zip");
        SortedMap<String, byte[]> inputs = Files.exists(pack) ? read(pack) : new TreeMap<>();
        int before = inputs.size();
        List<Path> files;
        try (Stream<Path> found = Files.walk(directory)) {
            files = found.sorted((one, other) -> other.compareTo(one)).toList();
        }
        for (Path file : files) {
            if (Files.isRegularFile(file)) {
                String name = directory.relativize(file).toString().replace('\\', '/');
                inputs.put(name, Files.readAllBytes(file));
            }
        }
        if (!inputs.isEmpty()) {
            write(pack, inputs);
        }
        // Contained files precede their directories.
        files.forEach(Corpus::delete);
        System.out.println(pack + ": " + inputs.size() + " inputs, " + (inputs.size() - before) + " of them new");
    }

    private static void delete(Path file) {
        try {
            Files.delete(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
