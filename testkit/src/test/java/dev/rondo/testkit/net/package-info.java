/** The simulated network, by its sockets: what streams and servers make of it is tested with them. */
@NullMarked
package dev.rondo.testkit.net;

import org.jspecify.annotations.NullMarked;
