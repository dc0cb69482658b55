package dev.holdfast.wal.commit;

import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Supplier;

/**
 * A pool of reusable objects, so that appending allocates nothing. An object leaves its slot before use and returns
 * after use. If no slot is free, the object is dropped.
 */
final class Pool<T> {
    private final AtomicReferenceArray<T> slots;
    private final Supplier<T> maker;

    Pool(int size, Supplier<T> maker) {
        this.slots = new AtomicReferenceArray<>(size);
        this.maker = maker;
    }

    T take() {
        for (int i = 0; i < slots.length(); i++) {
            if (slots.getPlain(i) != null) {
                T taken = slots.getAndSet(i, null);
                if (taken != null) return taken;
            }
        }
        return maker.get();
    }

    void give(T used) {
        for (int i = 0; i < slots.length(); i++) {
            if (slots.getPlain(i) == null && slots.compareAndSet(i, null, used)) return;
        }
    }
}
