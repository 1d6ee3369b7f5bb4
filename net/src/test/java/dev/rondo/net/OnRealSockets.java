package dev.rondo.net;

import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A test that runs on each driver that has the system's own sockets, channels and threads. */
@ParameterizedTest
@EnumSource(value = Drivers.class, mode = EnumSource.Mode.MATCH_NONE, names = "SIMULATED.*")
@Retention(RetentionPolicy.RUNTIME)
@interface OnRealSockets {}
