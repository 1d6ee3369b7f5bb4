package dev.rondo;

/** Something of the loop's own to do, with a name for those who read what a loop has done. */
record LoopItem(String what, Runnable action) implements Runnable {

    @Override
    public void run() {
        action.run();
    }

    @Override
    public String toString() {
        return what;
    }
}
