package dev.rondo;

/** A callback of the user that waits for a task or promise. Loop thread only. */
final class DoneCallback extends CallbackHandle {

    final Object function; // what the user gave, to be found again by removeDoneCallback

    DoneCallback(EventLoop loop, Object function, Runnable call, Context context) {
        super(loop, call, context);
        this.function = function;
    }

    @Override
    Object code() {
        return function;
    }
}
