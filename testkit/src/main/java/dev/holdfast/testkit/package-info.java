/** Contract tests for every implementation of the log, and the tools to write such tests. */
@NullMarked
package dev.holdfast.testkit;

import org.jspecify.annotations.NullMarked;
