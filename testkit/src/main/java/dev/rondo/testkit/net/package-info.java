/**
 * A network in memory, on the virtual clock: hosts, links with latency and loss, partitions, crashes. What chance
 * decides in it is on the tape of the run.
 */
@NullMarked
package dev.rondo.testkit.net;

import org.jspecify.annotations.NullMarked;
