package dev.rondo.http.h1;

/**
 * How large a head may be.
 *
 * @param bytes of its first line and header fields together
 * @param fields how many header fields
 * @param lineBytes what is asked for, in a request's first line
 * @param fieldBytes name and value of one field
 */
public record HeadLimits(int bytes, int fields, int lineBytes, int fieldBytes) {

    /** No part of it has a limit of its own. */
    public HeadLimits(int bytes, int fields) {
        this(bytes, fields, bytes, bytes);
    }
}
