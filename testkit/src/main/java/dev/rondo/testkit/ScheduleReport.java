package dev.rondo.testkit;

/** What is known of the schedule in which a test failed: added to the failure, whose type and message stay. */
final class ScheduleReport extends RuntimeException {

    ScheduleReport(String text) {
        super(text, null, false, false);
    }

    @Override
    public String toString() {
        return "the schedule of this failure: " + getMessage();
    }
}
