package dev.holdfast.testkit.explorer;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Attacks guarantees G1 to G9, G11 and G12 on more than a million distinct disks from exhaustive exploration. Randomly
 * sampled disks are not counted. A failure prints its replay and the shortest replay found.
 */
@Tag("same-on-every-jdk")
class CampaignTest {
    private static final long LEAST_EXHAUSTIVE_IMAGES = 1_000_000;
    private static final int SHRINKING_TRIES = 60;

    @Test
    void logSurvivesAllCrashesOfTheCampaign() {
        Subject subject = new StoredLogSubject();
        try {
            Statistics statistics =
                    Campaign.normal().run(subject, Runtime.getRuntime().availableProcessors(), Long.MAX_VALUE);
            System.out.println(statistics);
            assertThat(statistics.neverCut()).isEmpty();
            assertThat(statistics.exhaustiveImages()).isGreaterThan(LEAST_EXHAUSTIVE_IMAGES);
        } catch (CrashFailure failure) {
            System.out.println(failure.getMessage());
            throw new Shrinker(subject, Effort.QUICK, SHRINKING_TRIES).shrink(failure);
        }
    }
}
