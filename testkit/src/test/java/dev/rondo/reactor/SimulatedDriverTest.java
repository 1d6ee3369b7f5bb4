package dev.rondo.reactor;

/** The simulated network does what {@link DriverContractTest} asks of every driver. */
class SimulatedDriverTest extends DriverContractTest {}
