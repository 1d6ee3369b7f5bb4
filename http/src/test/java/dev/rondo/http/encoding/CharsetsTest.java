package dev.rondo.http.encoding;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.Charset;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CharsetsTest {

    private static Charset of(String body, @Nullable String contentType) {
        byte[] bytes = body.getBytes(ISO_8859_1);
        return Charsets.detect(bytes, bytes.length, contentType).charset();
    }

    @Test
    void isUtf8WhereNobodySaysAnything() {
        assertThat(of("hello", null)).isEqualTo(UTF_8);
        assertThat(of("", "text/plain")).isEqualTo(UTF_8);
        assertThat(of("<p>", "text/html")).isEqualTo(UTF_8);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        text/html; charset=utf-8               | UTF-8
        text/html;charset=UTF-8                | UTF-8
        text/html; Charset="windows-1251"      | windows-1251
        text/html; charset='koi8-r'            | KOI8-R
        text/html; charset=koi8-r; x=y         | KOI8-R
        text/html; charset=ISO-8859-1          | windows-1252
        text/html; charset=iso-8859-15         | ISO-8859-15
        text/html; charset=gb2312              | GBK
        text/html; charset=Shift_JIS           | windows-31j
        text/html; charset=utf8                | UTF-8
        text/html; charset=                    | UTF-8
        text/html; charset=no-such-charset     | UTF-8
        text/html; charset=***                 | UTF-8
        """)
    void followsTheHeader(String contentType, String charset) {
        assertThat(of("<p>", contentType)).isEqualTo(Charset.forName(charset));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        <meta charset=windows-1251>                                                     | windows-1251
        <META CharSet = "koi8-r" >                                                      | KOI8-R
        <html><head><meta http-equiv="Content-Type" content="text/html; charset=gbk">   | GBK
        <meta name=x><meta charset='shift_jis'/>                                        | windows-31j
        <meta charset="nonsense"><meta charset="euc-jp">                                | EUC-JP
        <?xml version="1.0" encoding="iso-8859-2"?><a/>                                 | ISO-8859-2
        <meta charset="utf-16">                                                         | UTF-8
        <metacharset=koi8-r>                                                            | UTF-8
        """)
    void asksTheDocumentWhereTheHeaderIsSilent(String document, String charset) {
        assertThat(of(document, "text/html")).isEqualTo(Charset.forName(charset));
        assertThat(of(document, null)).isEqualTo(Charset.forName(charset));
    }

    @Test
    void asksOnlyDocumentsThatCanKnow() {
        assertThat(of("<?xml version='1.0' encoding='koi8-r'?>", "application/rss+xml"))
                .isEqualTo(Charset.forName("koi8-r"));
        assertThat(of("<meta charset=koi8-r>", "text/plain")).isEqualTo(UTF_8);
    }

    @Test
    void looksNoFurtherThanTheStart() {
        assertThat(of(" ".repeat(1000) + "<meta charset=koi8-r>", "text/html")).isEqualTo(Charset.forName("koi8-r"));
        assertThat(of(" ".repeat(1024) + "<meta charset=koi8-r>", "text/html")).isEqualTo(UTF_8);
    }

    @Test
    void theHeaderWinsOverTheDocument() {
        assertThat(of("<meta charset=koi8-r>", "text/html; charset=windows-1251"))
                .isEqualTo(Charset.forName("windows-1251"));
    }

    @Test
    void anUnknownNameInTheHeaderLeavesItToTheDocument() {
        assertThat(of("<meta charset=koi8-r>", "text/html; charset=klingon")).isEqualTo(Charset.forName("koi8-r"));
    }

    @Test
    void theByteOrderMarkWinsOverEverythingAndIsNoText() {
        assertThat(Charsets.detect(
                        new byte[] {(byte) 0xef, (byte) 0xbb, (byte) 0xbf, 'a'}, 4, "text/html; charset=koi8-r"))
                .isEqualTo(new Charsets.Detected(UTF_8, 3));
        assertThat(Charsets.detect(new byte[] {(byte) 0xfe, (byte) 0xff, 0, 'a'}, 4, null))
                .isEqualTo(new Charsets.Detected(UTF_16BE, 2));
        assertThat(Charsets.detect(new byte[] {(byte) 0xff, (byte) 0xfe, 'a', 0}, 4, null))
                .isEqualTo(new Charsets.Detected(UTF_16LE, 2));
    }

    @Test
    void looksOnlyAtTheBytesThatCount() {
        byte[] bytes = "<meta charset=koi8-r>".getBytes(UTF_8);
        assertThat(Charsets.detect(bytes, 5, "text/html").charset()).isEqualTo(UTF_8);
    }
}
