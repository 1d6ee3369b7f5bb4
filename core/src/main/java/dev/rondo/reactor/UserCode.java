package dev.rondo.reactor;

/**
 * Marks a ready item that runs code of the user. It must not run on the bare loop thread, where a lock held by a
 * suspended coroutine would stop the loop for good: the reactor hands it to the callback runner instead.
 */
public interface UserCode extends Runnable {}
