/**
 * Rondo with faults planted in it: each checker and each search of the test kit must find what it is there to find.
 * Begin at {@code Twin}.
 */
@NullMarked
package dev.rondo.testkit.twin;

import org.jspecify.annotations.NullMarked;
