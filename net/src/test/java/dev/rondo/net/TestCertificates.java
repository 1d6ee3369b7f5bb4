package dev.rondo.net;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.Security;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

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

    private static SSLContext context(String names) {
        try {
            Path directory = Files.createTempDirectory("rondo-net-test");
            Path file = directory.resolve("keys.p12");
            try {
                keytool(file, names);
                return context(file);
            } finally {
                Files.deleteIfExists(file);
                Files.delete(directory);
            }
        } catch (IOException | GeneralSecurityException | InterruptedException e) {
            throw new IllegalStateException("no certificate for the tests", e);
        }
    }

    private static void keytool(Path file, String names) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.addAll(List.of("-genkeypair", "-alias", "server", "-keyalg", "EC", "-groupname", "secp256r1"));
        command.addAll(List.of("-dname", "CN=test", "-ext", "san=" + names, "-validity", "2"));
        command.addAll(
                List.of("-storetype", "PKCS12", "-storepass", new String(PASSWORD), "-keystore", file.toString()));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes());
        if (process.waitFor() != 0) {
            throw new IOException("keytool failed: " + output);
        }
    }

    private static SSLContext context(Path file) throws IOException, GeneralSecurityException {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            keys.load(in, PASSWORD);
        }
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("server", keys.getCertificate("server"));

        KeyManagerFactory keyManagers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keyManagers.init(keys, PASSWORD);
        TrustManagerFactory trustManagers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trustManagers.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keyManagers.getKeyManagers(), trustManagers.getTrustManagers(), null);
        return context;
    }
}
