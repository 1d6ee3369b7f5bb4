package dev.rondo.testkit.net;

import java.net.InetSocketAddress;

/** Something on its way from one socket to another. */
abstract class Packet {

    final InetSocketAddress source;
    final InetSocketAddress target;

    Packet(InetSocketAddress source, InetSocketAddress target) {
        this.source = source;
        this.target = target;
    }

    abstract void arrive();

    /** The path was cut. What is sent again until it arrives is {@linkplain Path#hold held}; the rest is lost. */
    void cutOff(Path path) {}
}
