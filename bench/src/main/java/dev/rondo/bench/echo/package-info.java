/** Echo servers, for {@code echo.sh}: ours and those it is measured beside. Each uses one thread where it can. */
@NullMarked
package dev.rondo.bench.echo;

import org.jspecify.annotations.NullMarked;
