package dev.rondo.scrape.url;

import com.dynatrace.hash4j.hashing.HashValue128;
import com.dynatrace.hash4j.hashing.Hashing;

/**
 * A set of texts that keeps 128 bits of each: 16 to 32 bytes, whatever its length. That two texts of ten thousand
 * million have the same is less likely than one in ten to the eighteenth. For one thread at a time.
 */
public final class UrlHashes {

    private static final int FIRST = 1024;

    private long[] table = new long[2 * FIRST]; // pairs; 0, 0 is empty
    private int size;

    /** Makes an empty set. */
    public UrlHashes() {}

    /** Adds a text; returns whether it was not there yet. */
    public boolean add(String text) {
        HashValue128 hash = Hashing.murmur3_128().hashCharsTo128Bits(text);
        long high = hash.getMostSignificantBits();
        long low = hash.getLeastSignificantBits();
        if (high == 0 && low == 0) {
            low = 1;
        }
        if (!put(table, high, low)) {
            return false;
        }
        size++;
        if (size > table.length / 2 * 3 / 4) {
            grow();
        }
        return true;
    }

    /** Returns how many there are. */
    public int size() {
        return size;
    }

    private static boolean put(long[] table, long high, long low) {
        int mask = table.length / 2 - 1;
        int slot = (int) low & mask;
        while (table[2 * slot] != 0 || table[2 * slot + 1] != 0) {
            if (table[2 * slot] == high && table[2 * slot + 1] == low) {
                return false;
            }
            slot = slot + 1 & mask;
        }
        table[2 * slot] = high;
        table[2 * slot + 1] = low;
        return true;
    }

    private void grow() {
        long[] larger = new long[Math.multiplyExact(table.length, 2)];
        for (int i = 0; i < table.length; i += 2) {
            if (table[i] != 0 || table[i + 1] != 0) {
                put(larger, table[i], table[i + 1]);
            }
        }
        table = larger;
    }
}
