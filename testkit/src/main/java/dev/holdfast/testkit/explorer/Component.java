package dev.holdfast.testkit.explorer;

import dev.holdfast.wal.storage.Storage;
import java.io.IOException;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A component that keeps its files in a directory, for {@link ComponentExplorer}. All of its work happens on the
 * calling thread and depends on nothing but the disk and the random numbers it is given.
 *
 * @param <C> contents of the component: immutable, compared by {@code equals}
 */
public interface Component<C> {
    /** Returns the contents of a new component. */
    C empty();

    /** Opens the component. It closes the storage when it is closed, also if this method throws. */
    Opened<C> open(Storage storage, SimulatedEnvironment environment) throws IOException;

    /** Draws the next action, given what the component holds. */
    Action<C> draw(SplittableRandom random, C contents);

    /** An open component. */
    interface Opened<C> extends AutoCloseable {
        /** Reads everything that the component holds, in as many ways as it has. */
        C read() throws IOException;

        /** Returns the component itself, for actions. */
        Object component();

        /**
         * Runs work that the component does by itself. Called after some of the actions.
         *
         * @param interleave to be called between the steps of the work; it may perform an action
         */
        void runBackground(Runnable interleave) throws IOException;

        @Override
        void close() throws IOException;
    }

    /**
     * An action, and its effect.
     *
     * @param <C> contents of the component
     */
    interface Action<C> {
        /** Performs the action. */
        void perform(Opened<C> component) throws IOException;

        /**
         * Returns the contents after a complete action. If the action is not atomic, the contents after each of its
         * parts come before.
         */
        List<C> effects();
    }
}
