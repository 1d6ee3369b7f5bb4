package dev.rondo.http;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A request failed for a reason of HTTP or of the connection under it. Its kinds say what broke:
 *
 * <pre>
 *   HttpException
 *   ├─ InvalidUrlException           the address cannot be asked for at all
 *   ├─ ConnectFailedException        no connection: unknown host, refused, TLS handshake failed
 *   ├─ FingerprintException          … since the server's certificate is not the pinned one
 *   ├─ ProxyException                … since the proxy between refused it
 *   ├─ ConnectionClosedException     the peer went away before it answered
 *   ├─ TruncatedBodyException        … or in the middle of its answer
 *   ├─ MalformedMessageException     what the peer sent is not HTTP
 *   ├─ ContentDecodingException      … or not the gzip or deflate it claims to be
 *   ├─ JsonException                 … or not JSON, where JSON was asked for
 *   ├─ TooLargeException             more than a limit of ours allows
 *   ├─ RedirectException             a redirect that cannot be followed
 *   │  └─ TooManyRedirectsException  … or should not be, for it runs in a circle
 *   ├─ StatusException               the status is 400 or more, and the caller asked to be told so
 *   └─ HttpTimeoutException          it took too long: PoolTimeout-, ConnectTimeout-, ReadTimeout-,
 *                                  WriteTimeout-, TotalTimeoutException
 * </pre>
 *
 * <p>A failed request has given its connection back or closed it: there is nothing to clean up. Cancelling the
 * coroutine that waits for a request throws {@code CancelledError} instead, which is no exception of this family. In
 * aiohttp: {@code ClientError}.
 */
public class HttpException extends IOException {

    /** Makes a failure that begins here. */
    public HttpException(String message) {
        super(message);
    }

    /** Makes a failure that another one caused. */
    public HttpException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
