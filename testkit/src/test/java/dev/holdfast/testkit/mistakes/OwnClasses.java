package dev.holdfast.testkit.mistakes;

import java.io.IOException;
import java.io.InputStream;
import java.util.Map;

/**
 * Class loader that loads all classes of Holdfast (log, test kit and tests) anew, some of them replaced. All other
 * classes are shared.
 */
final class OwnClasses extends ClassLoader {
    private static final String OURS = "dev.holdfast.";

    private final Map<String, byte[]> replaced;

    OwnClasses(Map<String, byte[]> replaced) {
        super(OwnClasses.class.getClassLoader());
        this.replaced = replaced;
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        if (!name.startsWith(OURS)) {
            return super.loadClass(name, resolve);
        }
        synchronized (getClassLoadingLock(name)) {
            Class<?> known = findLoadedClass(name);
            return known == null ? findClass(name) : known;
        }
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
        byte[] bytes = replaced.get(name);
        if (bytes == null) {
            bytes = original(name);
        }
        return defineClass(name, bytes, 0, bytes.length);
    }

    private byte[] original(String name) throws ClassNotFoundException {
        try (InputStream file = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
            if (file == null) {
                throw new ClassNotFoundException(name);
            }
            return file.readAllBytes();
        } catch (IOException e) {
            throw new ClassNotFoundException(name, e);
        }
    }
}
