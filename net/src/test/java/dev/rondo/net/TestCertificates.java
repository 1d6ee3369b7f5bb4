package dev.rondo.net;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.Security;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** Certificates that the JDK's keytool makes for this run of the tests. */
final class TestCertificates {

    static {
        // The keys are renewed every 100 kB in place of every 128 GB, so that the tests meet that as well.
        Security.setProperty(
                "jdk.tls.keyLimits", "AES/GCM/NoPadding KeyUpdate 100000, ChaCha20-Poly1305 KeyUpdate 100000");
    }

    private static final char[] PASSWORD = "changeit".toCharArray();

    /** A server that is localhost, and a client that trusts it. */
    static final SSLContext LOCALHOST = context("dns:localhost,ip:127.0.0.1");

    /** A server that is somebody else, and a client that trusts it. */
    static final SSLContext ELSEWHERE = context("dns:elsewhere.test");

    private TestCertificates() {}

    /** An authority and whom it has vouched for; made when a test first asks. */
    private static final class Authority {
        static final KeyStore ISSUED = make();

        private static KeyStore make() {
            return inDirectory(file -> {
                keytool(file, "authority", "-ext", "bc:c");
                for (String[] one : new String[][] {
                    {"localhost", "-ext", "san=dns:localhost,ip:127.0.0.1", "-validity", "2"},
                    {"expired", "-ext", "san=dns:localhost", "-startdate", "-3d", "-validity", "1"},
                    {"someone", "-validity", "2"},
                }) {
                    List<String> more = new ArrayList<>(List.of("-signer", "authority"));
                    more.addAll(List.of(one).subList(1, one.length));
                    keytool(file, one[0], more.toArray(String[]::new));
                }
                return load(file);
            });
        }
    }

    /**
     * Returns a new context, with no session to resume, that trusts what the authority has issued.
     *
     * @param alias whose key it has: {@code localhost}, {@code expired} or {@code someone}; null for none
     */
    static SSLContext issued(@Nullable String alias) {
        return issued(alias, managers -> managers);
    }

    /** Returns such a context whose trust managers are {@code wrapped}. */
    static SSLContext issued(@Nullable String alias, UnaryOperator<TrustManager[]> wrapped) {
        try {
            KeyStore own = empty();
            if (alias != null) {
                own.setKeyEntry(
                        alias,
                        Authority.ISSUED.getKey(alias, PASSWORD),
                        PASSWORD,
                        Authority.ISSUED.getCertificateChain(alias));
            }
            return context(own, Authority.ISSUED.getCertificate("authority"), wrapped);
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException("no certificate for the tests", e);
        }
    }

    /** Something that works on a file and can fail in many ways. */
    private interface OnFile<T> {
        T apply(Path file) throws IOException, GeneralSecurityException, InterruptedException;
    }

    private static <T> T inDirectory(OnFile<T> work) {
        try {
            Path directory = Files.createTempDirectory("rondo-net-test");
            Path file = directory.resolve("keys.p12");
            try {
                return work.apply(file);
            } finally {
                Files.deleteIfExists(file);
                Files.delete(directory);
            }
        } catch (IOException | GeneralSecurityException | InterruptedException e) {
            throw new IllegalStateException("no certificate for the tests", e);
        }
    }

    private static SSLContext context(String names) {
        return inDirectory(file -> {
            keytool(file, "server", "-ext", "san=" + names, "-validity", "2");
            KeyStore keys = load(file);
            return context(keys, keys.getCertificate("server"), managers -> managers);
        });
    }

    private static void keytool(Path file, String alias, String... more) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.addAll(List.of("-J-XX:TieredStopAtLevel=1", "-genkeypair", "-alias", alias, "-dname", "CN=" + alias));
        command.addAll(List.of("-keyalg", "EC", "-groupname", "secp256r1"));
        command.addAll(
                List.of("-storetype", "PKCS12", "-storepass", new String(PASSWORD), "-keystore", file.toString()));
        command.addAll(List.of(more));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes());
        if (process.waitFor() != 0) {
            throw new IOException("keytool failed: " + output);
        }
    }

    private static KeyStore load(Path file) throws IOException, GeneralSecurityException {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            keys.load(in, PASSWORD);
        }
        return keys;
    }

    private static KeyStore empty() throws IOException, GeneralSecurityException {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        keys.load(null, null);
        return keys;
    }

    private static SSLContext context(KeyStore own, Certificate trusted, UnaryOperator<TrustManager[]> wrapped)
            throws IOException, GeneralSecurityException {
        KeyStore anchors = empty();
        anchors.setCertificateEntry("trusted", trusted);

        KeyManagerFactory keyManagers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keyManagers.init(own, PASSWORD);
        TrustManagerFactory trustManagers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trustManagers.init(anchors);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keyManagers.getKeyManagers(), wrapped.apply(trustManagers.getTrustManagers()), null);
        return context;
    }
}
