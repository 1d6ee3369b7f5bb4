package dev.rondo.scrape.html;

import com.dynatrace.hash4j.hashing.Hashing;
import com.dynatrace.hash4j.similarity.ElementHashProvider;
import com.dynatrace.hash4j.similarity.SimilarityHashPolicy;
import com.dynatrace.hash4j.similarity.SimilarityHashing;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jsoup.nodes.Document;
import org.jspecify.annotations.Nullable;

/**
 * Finds pages whose words are nearly those of another: by SimHash, 64 bits of which few differ if the texts do little.
 * Two hashes that differ in at most three bits have one of four quarters in common, and by these they are found. Keeps
 * so many pages at most. For one thread at a time.
 */
public final class NearDuplicates {

    private static final SimilarityHashPolicy POLICY = SimilarityHashing.simHash(64);
    /** Letters and digits of all scripts; what is written without spaces counts by its characters. */
    private static final Pattern WORDS =
            Pattern.compile("[^\\p{L}\\p{N}]+|(?<=[\\p{IsHan}\\p{IsHiragana}\\p{IsKatakana}\\p{IsThai}])"
                    + "|(?=[\\p{IsHan}\\p{IsHiragana}\\p{IsKatakana}\\p{IsThai}])");

    private static final int SHINGLE = 3; // words that are taken together, so that their order counts
    private static final int MOST_BITS = 3;
    private static final int MOST_PAGES = 1_000_000;
    private static final int MOST_IN_QUARTER = 1000; // that share one: pages that are all alike
    private static final int MOST_PAIRS = 1000;

    /** A page, and an earlier one with nearly the same words. */
    public record Pair(String url, String earlier) {}

    private record Seen(String url, long hash) {}

    private final Map<Integer, List<Seen>> quarters = new HashMap<>(); // by a quarter's place and value
    private final List<Pair> pairs = new ArrayList<>();
    private int pages;

    /** Makes one that has seen nothing. */
    public NearDuplicates() {}

    /** Returns the hash of a page's words; 0 if it has less than a dozen. May be called on any thread. */
    public static long hash(Document page) {
        String[] words = WORDS.split(page.text().toLowerCase(Locale.ROOT));
        if (words.length < 12) {
            return 0;
        }
        int count = words.length - SHINGLE + 1;
        byte[] hash = POLICY.createHasher()
                .compute(ElementHashProvider.ofFunction(
                        i -> Hashing.murmur3_128().hashCharsToLong(words[i] + ' ' + words[i + 1] + ' ' + words[i + 2]),
                        count));
        return ByteBuffer.wrap(hash).getLong();
    }

    /** Adds a page; returns the address of an earlier one that is nearly the same, or null. */
    public @Nullable String add(String url, long hash) {
        if (hash == 0) {
            return null;
        }
        String earlier = find(hash);
        if (earlier != null && pairs.size() < MOST_PAIRS) {
            pairs.add(new Pair(url, earlier));
        }
        if (pages++ < MOST_PAGES) {
            for (int i = 0; i < 4; i++) {
                List<Seen> quarter = quarters.computeIfAbsent(key(hash, i), key -> new ArrayList<>(1));
                if (quarter.size() < MOST_IN_QUARTER) {
                    quarter.add(new Seen(url, hash));
                }
            }
        }
        return earlier;
    }

    private @Nullable String find(long hash) {
        for (int i = 0; i < 4; i++) {
            for (Seen seen : quarters.getOrDefault(key(hash, i), List.of())) {
                if (Long.bitCount(seen.hash() ^ hash) <= MOST_BITS) {
                    return seen.url();
                }
            }
        }
        return null;
    }

    private static int key(long hash, int quarter) {
        return quarter << 16 | (int) (hash >>> 16 * quarter) & 0xffff;
    }

    /** Returns those that were found, at most a thousand. */
    public List<Pair> pairs() {
        return List.copyOf(pairs);
    }
}
