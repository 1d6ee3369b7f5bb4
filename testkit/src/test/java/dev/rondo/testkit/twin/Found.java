package dev.rondo.testkit.twin;

import org.jspecify.annotations.Nullable;

/**
 * What a search has come to. Crosses from one loader to the other, so it holds the JDK's types alone.
 *
 * @param schedules how many there were, the one that failed included
 * @param failure what was wrong in that one; null if nothing was
 * @param tape of that one
 * @param deviations how many of its choices are not the plain thing
 */
public record Found(long schedules, @Nullable String failure, String tape, int deviations) {}
