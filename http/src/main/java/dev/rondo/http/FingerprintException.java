package dev.rondo.http;

/**
 * A server showed another certificate than one of those that were pinned for it. Nothing of the request was sent. In
 * aiohttp: {@code ServerFingerprintMismatch}.
 */
public final class FingerprintException extends HttpException {

    private final String shown;

    /**
     * Makes the failure.
     *
     * @param shown as in {@link #shown}
     */
    public FingerprintException(String message, String shown) {
        super(message);
        this.shown = shown;
    }

    /** Returns the SHA-256 fingerprint of the certificate that was shown, in hexadecimal; empty if there was none. */
    public String shown() {
        return shown;
    }
}
