package dev.holdfast.bench.run;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Statistics of the same number in several rounds.
 *
 * @param median the middle value, or the mean of the two middle values
 */
public record Statistics(double median, double least, double most, int rounds) {
    /** Returns the statistics of at least one value. */
    public static Statistics of(List<Double> values) {
        if (values.isEmpty()) {
            throw new IllegalArgumentException("the median needs at least one value");
        }
        double[] sorted =
                values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        int middle = sorted.length / 2;
        double median = sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        return new Statistics(median, sorted[0], sorted[sorted.length - 1], sorted.length);
    }

    /**
     * Divides the values of one contender by those of another, round by round. A round counts only if both have a
     * value.
     *
     * @param byRound values by the number of their round
     * @return the ratios by round
     */
    public static Map<Integer, Double> ratios(Map<Integer, Double> byRound, Map<Integer, Double> toByRound) {
        Map<Integer, Double> ratios = new TreeMap<>();
        byRound.forEach((round, value) -> {
            Double other = toByRound.get(round);
            if (other != null && other != 0) {
                ratios.put(round, value / other);
            }
        });
        return ratios;
    }

    /** Returns the geometric mean of positive values, which treats a factor of two and a factor of one half alike. */
    public static double geometricMean(double... values) {
        return Math.exp(Arrays.stream(values).map(Math::log).average().orElse(Double.NaN));
    }
}
