package dev.rondo.reactor;

/** The simulated network does what {@link SocketContractTest} asks of every driver. */
class SimulatedSocketTest extends SocketContractTest {}
