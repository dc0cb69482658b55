package dev.holdfast.fuzz;

import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Unpacks the inputs of a fuzz test beside the compiled class, where Jazzer looks for them. Inputs there that are not
 * packed yet stay, and are run too.
 */
public final class UnpackCorpus implements BeforeAllCallback {
    @Override
    public void beforeAll(ExtensionContext context) throws IOException, URISyntaxException {
        Corpus.unpack(packOf(context.getRequiredTestClass()));
    }

    /** Returns the zip file with the inputs of a class. */
    static Path packOf(Class<?> test) throws IOException, URISyntaxException {
        URL pack = test.getResource(Corpus.packName(test));
        if (pack == null) {
            throw new NoSuchFileException(
                    Corpus.packName(test), null, "no corpus in the package of " + test.getSimpleName());
        }
        return Path.of(pack.toURI());
    }
}
