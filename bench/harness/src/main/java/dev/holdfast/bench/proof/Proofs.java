package dev.holdfast.bench.proof;

import dev.holdfast.bench.run.ClassPaths;
import dev.holdfast.bench.run.Entrant;
import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Properties;

/**
 * The proofs found on this machine, in a file. A proof is valid for a contender with the same settings and the same
 * class path. It becomes invalid if a file on the class path is newer than the proof.
 */
public final class Proofs {
    private final Path file;
    private final ClassPaths classPaths;
    private final Properties proven = new Properties();

    private Proofs(Path file, ClassPaths classPaths) {
        this.file = file;
        this.classPaths = classPaths;
    }

    public static Proofs load(Path file, ClassPaths classPaths) throws IOException {
        Proofs proofs = new Proofs(file, classPaths);
        if (Files.exists(file)) {
            try (Reader reader = Files.newBufferedReader(file)) {
                proofs.proven.load(reader);
            }
        }
        return proofs;
    }

    /** Adds a proof to the file. Only successful proofs are kept, so that the others are tried again. */
    public void add(Entrant entrant, Proof.Proven proof) throws IOException {
        proven.setProperty(key(entrant), proof.appends() + " " + proof.reading() + " " + proof.by());
        try (Writer writer = Files.newBufferedWriter(file)) {
            proven.store(writer, null);
        }
    }

    public Optional<Proof.Proven> of(Entrant entrant) throws IOException {
        return Optional.ofNullable(proven.getProperty(key(entrant))).map(text -> {
            String[] parts = text.split(" ", 3);
            return new Proof.Proven(Integer.parseInt(parts[0]), parts[2], Proof.Reading.valueOf(parts[1]));
        });
    }

    private String key(Entrant entrant) throws IOException {
        String path = classPaths.of(entrant.module());
        long newest = 0;
        for (String element : path.split(System.getProperty("path.separator"), -1)) {
            newest =
                    Math.max(newest, Files.getLastModifiedTime(Path.of(element)).toMillis());
        }
        return String.join("|", entrant.name(), entrant.variant(), Integer.toHexString(path.hashCode()), "" + newest);
    }
}
