/**
 * One class of scenarios for each primitive of core: bodies for {@code Explorer.check} that must pass in every
 * schedule, and in which somebody is cancelled at any time.
 */
@NullMarked
package dev.rondo.testkit.core;

import org.jspecify.annotations.NullMarked;
