package dev.rondo.net;

/**
 * A transport with the protocol that it talks to. (asyncio: the pair that {@code create_connection} and its like
 * return.)
 *
 * @param transport what moves the bytes
 * @param protocol what the factory has made
 */
public record Endpoint<T extends BaseTransport, P extends BaseProtocol<T>>(T transport, P protocol) {}
