package dev.rondo.scrape.html;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.jsoup.Jsoup;
import org.junit.jupiter.api.Test;

class NearDuplicatesTest {

    private static String words(int seed, int count) {
        Random random = new Random(seed);
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < count; i++) {
            text.append("word").append(random.nextInt(5000)).append(' ');
        }
        return text.toString();
    }

    private static long hash(String text) {
        return NearDuplicates.hash(Jsoup.parse("<p>" + text));
    }

    @Test
    void pagesThatDifferInAWordAreFoundAndOthersAreNot() {
        NearDuplicates near = new NearDuplicates();
        String text = words(1, 2000);
        assertThat(near.add("http://h/a", hash(text))).isNull();
        for (int seed = 2; seed < 300; seed++) {
            assertThat(near.add("http://h/" + seed, hash(words(seed, 2000)))).isNull();
        }
        assertThat(near.add("http://h/b", hash(text + "and one more"))).isEqualTo("http://h/a");
        assertThat(near.add("http://h/c", hash(text))).isEqualTo("http://h/a");
        assertThat(near.pairs()).extracting(NearDuplicates.Pair::url).containsExactly("http://h/b", "http://h/c");
    }

    @Test
    void pagesOfAFewWordsAreNotCompared() {
        NearDuplicates near = new NearDuplicates();
        assertThat(near.add("http://h/a", hash("not found"))).isNull();
        assertThat(near.add("http://h/b", hash("not found"))).isNull();
    }

    @Test
    void allScriptsHaveWords() {
        String russian =
                "Слова одной страницы, которых довольно много, чтобы сравнить её с другой страницей. ".repeat(5);
        String chinese = "这是一个足够长的页面，可以与另一个页面进行比较。".repeat(5);
        String menu = "menu home about contact help search login terms privacy news shop more ";
        NearDuplicates near = new NearDuplicates();
        assertThat(near.add("http://h/ru", hash(menu + russian))).isNull();
        assertThat(near.add("http://h/zh", hash(menu + chinese))).isNull();
        assertThat(near.add("http://h/ru2", hash(menu + russian))).isEqualTo("http://h/ru");
        assertThat(near.add("http://h/zh2", hash(menu + chinese))).isEqualTo("http://h/zh");
    }
}
