package dev.holdfast.testkit.mistakes;

import java.util.List;
import java.util.Optional;

/** A part of the normal tests that runs on a core with a mistake. */
interface Finder {
    /** The crash explorer's campaign that every build runs. */
    Finder CAMPAIGN = new InCampaign(List.of());

    /** Runs this part on a patched core. Returns the failure, or empty if nothing fails. */
    Optional<Found> look(PatchedCore core) throws ReflectiveOperationException;

    /** Returns additional patches of the core that make the mistake observable. */
    default List<Patch> aids() {
        return List.of();
    }

    /**
     * Returns a finder that runs this job of the campaign first, to save time. If the job does not fail, the other jobs
     * follow.
     */
    static Finder job(String name) {
        return new InCampaign(List.of(name));
    }

    /** Returns a finder that runs one test of this module or of the core, named {@code package.Class#method}. */
    static Finder test(String name) {
        return new InTest(name);
    }

    /** Runs the campaign; jobs with these names run first. */
    record InCampaign(List<String> first) implements Finder {
        /** The campaign counts as passed if it has not failed after this many images. */
        private static final long MAX_IMAGES = 250_000;

        @Override
        public Optional<Found> look(PatchedCore core) throws ReflectiveOperationException {
            Optional<Found> early = first.isEmpty() ? Optional.empty() : core.explore(first, MAX_IMAGES);
            return early.isPresent() ? early : core.explore(List.of(), MAX_IMAGES);
        }
    }

    /** Runs one test. */
    record InTest(String name) implements Finder {
        @Override
        public Optional<Found> look(PatchedCore core) throws ReflectiveOperationException {
            return core.test(name);
        }
    }
}
