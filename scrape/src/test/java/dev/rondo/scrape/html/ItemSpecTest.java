package dev.rondo.scrape.html;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ItemSpecTest {

    private static final Document PAGE = Jsoup.parse("""
            <h1>Shop</h1><p class=lead>All <b>things</b></p>
            <ul>
              <li class=product><h2>Cup</h2><a href=/cup>more</a><i class=price>EUR 1,250.50</i><i class=tag>a</i><i class=tag>b</i>
              <li class=product><h2>Pot</h2><a href=pot>more</a><i class=price>free</i>
              <li class=product><a href=/x>nothing</a>
            </ul>
            <script type="application/ld+json">{"@graph": [{"@type": "Shop", "name": "S"}, {"@type": "Cup"}]}</script>
            <script type="application/ld+json">{broken</script>
            <script type="application/ld+json">[{"@type": "Pot", "n": 1}]</script>
            """, "http://h/shop/");

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        h1                       | Shop
        .lead                    | All things
        .lead@html               | All <b>things</b>
        .lead@class              | lead
        a@href                   | http://h/cup
        xpath://h2               | Cup
        xpath://a/@href          | http://h/cup
        xpath://p/text()         | All
        xpath://li[a/@href='pot']/h2 | Pot
        """)
    void aSelector(String selector, String first) {
        assertThat(Selector.parse(selector).first(PAGE)).isEqualTo(first);
    }

    @Test
    void aSelectorThatIsNoneIsSaid() {
        assertThatThrownBy(() -> Selector.parse("h1["))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("h1[");
        assertThatThrownBy(() -> Selector.parse("xpath://h1["))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("xpath://h1[");
    }

    @Test
    void fieldsOfTheCommandLine() {
        ItemSpec spec = ItemSpec.ofFields(List.of("title=h1", "names[]=h2", "none=h6"));
        assertThat(spec.extract(PAGE, "http://h/"))
                .containsExactly(Map.of("title", "Shop", "names", List.of("Cup", "Pot")));
        assertThatThrownBy(() -> ItemSpec.ofFields(List.of("h1"))).hasMessageContaining("write name=selector");
    }

    @Test
    void itemsOfAFile() {
        ItemSpec spec = ItemSpec.parse("""
                items:
                  - name: product
                    match: /shop/
                    each: li.product
                    fields:
                      title: {select: h2, required: true}
                      link: a@href
                      price: {select: .price, regex: '([0-9.,]+)', type: number}
                      tags: {select: .tag, list: true}
                      stock: {select: .stock, default: unknown}
                """);
        assertThat(spec.extract(PAGE, "http://h/shop/"))
                .containsExactly(
                        Map.of(
                                "item", "product",
                                "title", "Cup",
                                "link", "http://h/cup",
                                "price", new BigDecimal("1250.50"),
                                "tags", List.of("a", "b"),
                                "stock", "unknown"),
                        Map.of(
                                "item", "product",
                                "title", "Pot",
                                "link", "http://h/shop/pot",
                                "tags", List.of(),
                                "stock", "unknown"));
        assertThat(spec.extract(PAGE, "http://h/about")).isEmpty();
        assertThat(spec.matches("http://h/about")).isFalse();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        a: [                                              | this is no YAML
        a: 1                                              | has to begin with "items:"
        items: [{fields: {}}]                             | item 1 has no fields
        items: [{field: {a: b}}]                          | item 1: what is "field"?
        items: [{fields: {a: {select: b, typ: x}}}]       | item 1, field a: what is "typ"?
        items: [{fields: {a: {select: b, type: x}}}]      | item 1, field a: there is no type x
        items: [{fields: {a: {list: true}}}]              | item 1, field a has no "select"
        items: [{fields: {a: {select: b, regex: '('}}}]   | item 1, field a, regex: "("
        items: [{fields: {a: 'b['}}]                      | "b[" is no selector
        """)
    void whatIsWrongInAFileIsSaid(String yaml, String message) {
        assertThatThrownBy(() -> ItemSpec.parse(yaml))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    @Test
    void whatAPageSaysOfItself() {
        assertThat(JsonLd.of(PAGE)).extracting(item -> item.get("@type")).containsExactly("Shop", "Cup", "Pot");
    }

    @Test
    void theTextThatPeopleComeFor() {
        Document page = Jsoup.parse("""
                <body><nav><ul><li><a href=/>Home of all that is good</a><li><a href=/a>About us, and more</a></ul></nav>
                <div class=sidebar><p>Subscribe to our letter, which is free, and comes each week to your door.</p></div>
                <div id=content><h1>On cups</h1>
                <p>A cup is a vessel, small and round, from which people drink what is hot.</p>
                <p>It was first made of clay, then of tin, and in our time of whatever comes to hand.</p></div>
                <div class=comments><p>First! I have a cup as well, and it is blue, and I like it very much indeed.</p></div>
                <footer><p>All rights reserved, as ever, by the makers of this page and their heirs.</p></footer>
                """);
        assertThat(MainText.of(page)).isEqualTo("""
                On cups

                A cup is a vessel, small and round, from which people drink what is hot.

                It was first made of clay, then of tin, and in our time of whatever comes to hand.""");
        assertThat(MainText.of(Jsoup.parse("<p>short"))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        1250        | 1250
        1,250.50    | 1250.50
        1.250,50    | 1250.50
        1,5         | 1.5
        1.5         | 1.5
        1,250       | 1250
        1.250.000   | 1250000
        1 250,5     | 1250.5
        -3          | -3
        three       |
        """)
    void numbersAreReadAsTheyAreWritten(String text, BigDecimal number) {
        ItemSpec spec = ItemSpec.parse("items: [{fields: {n: {select: p, type: number}}}]");
        List<Map<String, Object>> items = spec.extract(Jsoup.parse("<p>" + text), "http://h/");
        assertThat(items.getFirst().get("n")).isEqualTo(number);
    }

    /** A page of a hundred thousand paragraphs is no reason to stand still. */
    @Test
    void theTextOfALargePageTakesNoTime() {
        String page =
                "<div>" + "<p>A paragraph, of some length, that is like all the others.</p>".repeat(100_000) + "</div>";
        assertThat(MainText.of(Jsoup.parse(page))).hasSizeGreaterThan(5_000_000);
    }
}
