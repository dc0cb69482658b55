package dev.holdfast.testkit.mistakes;

import dev.holdfast.testkit.explorer.Campaign;
import dev.holdfast.testkit.explorer.CrashFailure;
import dev.holdfast.testkit.explorer.Explorer;
import dev.holdfast.testkit.explorer.Job;
import dev.holdfast.testkit.explorer.StoredLogSubject;
import java.util.List;
import java.util.function.BiFunction;

/**
 * Jobs of the normal campaign up to the first failure. It is made by the class loader of a mistake, so that all it uses
 * is that one's; what it takes and gives is the JDK's.
 */
public final class Exploration implements BiFunction<List<String>, Long, Object[]> {
    public Exploration() {}

    /**
     * Does jobs in the campaign's order.
     *
     * @param names of those to do; all if it is empty
     * @param enough no job is begun after so many images
     * @return the name of the job that failed, or an empty one; the images by then; the failure
     */
    @Override
    public Object[] apply(List<String> names, Long enough) {
        Explorer explorer = Campaign.explorer(new StoredLogSubject());
        for (Job job : Campaign.normal().jobs()) {
            if (names.isEmpty() || names.contains(name(job))) {
                try {
                    job.run(explorer);
                } catch (CrashFailure e) {
                    return new Object[] {name(job), explorer.statistics().images(), e.getMessage()};
                }
            }
            if (explorer.statistics().images() >= enough) {
                break;
            }
        }
        return new Object[] {"", explorer.statistics().images(), ""};
    }

    private static String name(Job job) {
        return job.name()
                + (job.seed() == 0 ? "" : " " + job.seed())
                + (job.settings().syncEachGroup() ? "" : ", synced later")
                + (job.settings().groupAlignment() == Long.BYTES ? "" : ", padded");
    }
}
