package dev.rondo.testkit;

import dev.rondo.EventLoop;

// @start region="parameter"
/** A provider of parameters, as another module would have one. */
public final class TicketParameter implements SimParameter {

    /** What a test asks for. */
    record Ticket(Sim sim, EventLoop loop) {}

    @Override
    public boolean supports(Class<?> type) {
        return type == Ticket.class;
    }

    @Override
    public Object create(Class<?> type, Sim sim, EventLoop loop) {
        return new Ticket(sim, loop);
    }
}
// @end
