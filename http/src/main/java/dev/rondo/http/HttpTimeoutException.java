package dev.rondo.http;

/**
 * Something took longer than its limit; which one, the kind says. Nothing of the request is left running. In aiohttp:
 * {@code ServerTimeoutError}.
 */
public abstract sealed class HttpTimeoutException extends HttpException
        permits PoolTimeoutException,
                ConnectTimeoutException,
                ReadTimeoutException,
                WriteTimeoutException,
                TotalTimeoutException {

    HttpTimeoutException(String message) {
        super(message);
    }
}
