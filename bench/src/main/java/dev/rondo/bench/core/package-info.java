/**
 * The core's operations, measured beside the same ones elsewhere: {@link dev.rondo.bench.core.CoreOps} on Rondo,
 * {@link dev.rondo.bench.core.BareOps} on virtual threads alone, {@code KotlinOps.kt} and {@code core_asyncio.py}. Run
 * by {@code bench/core.sh}; see {@code bench/README.md}.
 */
@NullMarked
package dev.rondo.bench.core;

import org.jspecify.annotations.NullMarked;
