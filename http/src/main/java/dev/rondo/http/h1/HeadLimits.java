package dev.rondo.http.h1;

/**
 * How large a head may be.
 *
 * @param bytes of its first line and header fields together
 * @param fields how many header fields
 */
public record HeadLimits(int bytes, int fields) {}
