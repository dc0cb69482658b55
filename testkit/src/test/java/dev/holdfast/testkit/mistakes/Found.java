package dev.holdfast.testkit.mistakes;

/**
 * How a mistake was found.
 *
 * @param by a job of the campaign, or a test
 * @param images how many disks a log had been opened on by then; 0 where a test found it
 * @param failure what was said
 */
record Found(String by, long images, String failure) {
    @Override
    public String toString() {
        String line = failure.strip().lines().findFirst().orElse("");
        return by + " | " + images + " | " + (line.length() <= 160 ? line : line.substring(0, 157) + "...");
    }
}
