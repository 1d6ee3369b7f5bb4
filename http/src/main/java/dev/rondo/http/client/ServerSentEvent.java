package dev.rondo.http.client;

/**
 * An event of a {@link EventSource}.
 *
 * @param type what the server calls it; {@code message} if it does not
 * @param data its lines, joined by line feeds
 * @param id the last one the server has set, on this event or before; the empty string if it has set none
 */
public record ServerSentEvent(String type, String data, String id) {}
