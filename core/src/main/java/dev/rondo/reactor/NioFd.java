package dev.rondo.reactor;

/** What the {@link NioDriver} has open. Loop thread only. */
sealed interface NioFd extends Fd permits NioSocket, NioFile {

    /** Lets go of what the system holds: now, or, where that may block, by a worker thread. Wakes nobody. */
    void closeNow();
}
