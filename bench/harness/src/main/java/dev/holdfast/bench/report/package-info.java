/** Formats results as Markdown tables and as one self-contained HTML file with charts. */
@NullMarked
package dev.holdfast.bench.report;

import org.jspecify.annotations.NullMarked;
