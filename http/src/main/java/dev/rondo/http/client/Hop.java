package dev.rondo.http.client;

import dev.rondo.http.Headers;
import dev.rondo.http.Url;

/**
 * A redirect that was followed. In aiohttp: an element of {@code response.history}.
 *
 * @param url what was asked for
 * @param status the redirect's status, such as 301
 * @param headers the redirect's headers
 */
public record Hop(Url url, int status, Headers headers) {}
