/**
 * For tests of programs that serve HTTP, in the loop that runs the test: {@link TestServer} serves a handler,
 * {@link TestClient} asks it. Both need no more than the network of the loop, which may be a simulated one. In aiohttp:
 * {@code aiohttp.test_utils}.
 */
@NullMarked
package dev.rondo.http.testing;

import org.jspecify.annotations.NullMarked;
