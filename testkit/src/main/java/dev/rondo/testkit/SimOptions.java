package dev.rondo.testkit;

/**
 * What a simulated run allows.
 *
 * @param leftovers whether tasks may be left when the body ends; they are cancelled then
 * @param faults whether what is allowed and seldom happens may be chosen: {@link dev.rondo.chance.Choices#buggify}
 * @param maxSteps after how many steps of coroutines and callbacks the run fails, since it may never end; see
 *     {@link StepBound}
 */
record SimOptions(boolean leftovers, boolean faults, long maxSteps) {

    static final SimOptions DEFAULT = new SimOptions(false, false, 5_000_000);

    SimOptions withLeftovers() {
        return new SimOptions(true, faults, maxSteps);
    }

    SimOptions withFaults() {
        return new SimOptions(leftovers, true, maxSteps);
    }

    SimOptions withMaxSteps(long steps) {
        return new SimOptions(leftovers, faults, steps);
    }
}
