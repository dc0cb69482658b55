package dev.holdfast.testkit.mistakes;

import java.util.List;
import java.util.Optional;

/** A part of the normal tests, as it is run on a core with mistakes. */
interface Finder {
    /** The crash explorer's campaign, as every build runs it. */
    Finder CAMPAIGN = new InCampaign(List.of());

    /** What a core does wrong; empty if nothing is found. */
    Optional<Found> look(PatchedCore core) throws ReflectiveOperationException;

    /** Changes of the core that it needs to see something. */
    default List<Patch> aids() {
        return List.of();
    }

    /** The campaign, this job of it first, to save time. If it finds nothing any more, the others may. */
    static Finder job(String name) {
        return new InCampaign(List.of(name));
    }

    /** A method of a class of tests, of this module or of the core: {@code package.Class#method}. */
    static Finder test(String name) {
        return new InTest(name);
    }

    /** The campaign, jobs with these names first. */
    record InCampaign(List<String> first) implements Finder {
        /** A campaign that has found nothing after so many images counts as one that finds nothing. */
        private static final long MAX_IMAGES = 250_000;

        @Override
        public Optional<Found> look(PatchedCore core) throws ReflectiveOperationException {
            Optional<Found> early = first.isEmpty() ? Optional.empty() : core.explore(first, MAX_IMAGES);
            return early.isPresent() ? early : core.explore(List.of(), MAX_IMAGES);
        }
    }

    /** A test. */
    record InTest(String name) implements Finder {
        @Override
        public Optional<Found> look(PatchedCore core) throws ReflectiveOperationException {
            return core.test(name);
        }
    }
}
