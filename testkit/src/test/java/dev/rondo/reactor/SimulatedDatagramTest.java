package dev.rondo.reactor;

/** The simulated network does what {@link DatagramContractTest} asks of every driver. */
class SimulatedDatagramTest extends DatagramContractTest {}
