/** Shows results: as a Markdown table, and as one HTML file with charts that needs nothing else. */
@NullMarked
package dev.holdfast.bench.report;

import org.jspecify.annotations.NullMarked;
