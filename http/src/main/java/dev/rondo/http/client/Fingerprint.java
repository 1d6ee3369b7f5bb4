package dev.rondo.http.client;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.Locale;

/**
 * The SHA-256 of a certificate: tells it from every other. In aiohttp: {@code Fingerprint}.
 *
 * @param hex 64 hexadecimal digits in lower case
 */
public record Fingerprint(String hex) {

    private static final int DIGITS = 64;

    /** Takes the digits in upper case too, and with colons or blanks between, as {@code openssl} prints them. */
    public Fingerprint {
        String digits = hex.replaceAll("[:\\s]", "").toLowerCase(Locale.ROOT);
        if (digits.length() != DIGITS || !digits.chars().allMatch(HexFormat::isHexDigit)) {
            throw new IllegalArgumentException("\"" + hex + "\" is no SHA-256 of a certificate: that has " + DIGITS
                    + " hexadecimal digits, and not " + digits.length());
        }
        hex = digits;
    }

    /** Returns the fingerprint of a certificate. */
    public static Fingerprint of(X509Certificate certificate) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded());
            return new Fingerprint(HexFormat.of().formatHex(hash));
        } catch (NoSuchAlgorithmException | CertificateEncodingException e) {
            throw new IllegalStateException("no SHA-256 of the certificate: " + e.getMessage(), e);
        }
    }

    /** Returns the digits. */
    @Override
    public String toString() {
        return hex;
    }
}
