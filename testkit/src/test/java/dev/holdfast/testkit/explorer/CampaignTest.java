package dev.holdfast.testkit.explorer;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The guarantees G1 to G9 and G12, attacked by crashes at every operation of the disk. A failure prints its replay. */
class CampaignTest {
    @Test
    void logSurvivesTheNormalCampaign() {
        Statistics statistics = Campaign.normal().run(new StoredLogSubject());
        System.out.println(statistics);
        assertThat(statistics.neverCut()).isEmpty();
    }
}
