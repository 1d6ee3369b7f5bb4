package dev.rondo.http.websocket;

/** Checks that bytes are UTF-8 as they come: says no at the first byte that no well-formed text could have there. */
final class Utf8Check {

    private int left; // bytes that still belong to the present character
    private int least = 0x80; // what the next of them has to be at least, and at most
    private int most = 0xbf;

    /** Returns whether the bytes before {@code end}, behind those checked before, can be the beginning of a text. */
    boolean accepts(byte[] bytes, int start, int end) {
        for (int i = start; i < end; i++) {
            int b = bytes[i];
            if (left == 0 ? b < 0 && !begins(b & 0xff) : !continues(b & 0xff)) {
                return false;
            }
        }
        return true;
    }

    private boolean begins(int b) {
        if (b < 0xc2 || b > 0xf4) {
            return false;
        }
        left = b < 0xe0 ? 1 : b < 0xf0 ? 2 : 3;
        // No character in more bytes than it needs, no half of a surrogate pair, none behind U+10FFFF.
        least = b == 0xe0 ? 0xa0 : b == 0xf0 ? 0x90 : 0x80;
        most = b == 0xed ? 0x9f : b == 0xf4 ? 0x8f : 0xbf;
        return true;
    }

    private boolean continues(int b) {
        if (b < least || b > most) {
            return false;
        }
        left--;
        least = 0x80;
        most = 0xbf;
        return true;
    }

    /** Returns whether the text may end here, and gets ready for the next. */
    boolean end() {
        boolean whole = left == 0;
        left = 0;
        least = 0x80;
        most = 0xbf;
        return whole;
    }
}
