package dev.holdfast.testkit.mistakes;

/**
 * How a mistake was found.
 *
 * @param by the job of the campaign, or the test
 * @param images number of disks on which a log had been opened; 0 if a test found the mistake
 * @param failure the failure message
 */
record Found(String by, long images, String failure) {
    @Override
    public String toString() {
        String line = failure.strip().lines().findFirst().orElse("");
        return by + " | " + images + " | " + (line.length() <= 160 ? line : line.substring(0, 157) + "...");
    }
}
