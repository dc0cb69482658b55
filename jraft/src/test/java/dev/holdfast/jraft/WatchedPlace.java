package dev.holdfast.jraft;

import dev.holdfast.wal.Log;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;

/** A log that records the ids that are read. A cursor is recorded as the id -1. */
record WatchedPlace(LogPlace place, List<Long> asked) implements LogPlace {
    @Override
    public Log open() throws IOException {
        Log log = place.open();
        return (Log) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {Log.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("read")) {
                        asked.add((Long) arguments[0]);
                    } else if (method.getName().equals("cursor")) {
                        asked.add(-1L);
                    }
                    try {
                        return method.invoke(log, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    @Override
    public boolean exists() throws IOException {
        return place.exists();
    }
}
