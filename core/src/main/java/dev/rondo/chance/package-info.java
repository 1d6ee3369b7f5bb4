/**
 * The decisions that chance would make. Every one that the loop takes goes through {@link dev.rondo.chance.Choices}, so
 * that a test can take them all over.
 */
@NullMarked
package dev.rondo.chance;

import org.jspecify.annotations.NullMarked;
