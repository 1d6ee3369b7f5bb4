package dev.rondo.http.h2;

import dev.rondo.http.Headers;
import dev.rondo.http.h1.RequestHead;
import dev.rondo.http.h1.ResponseHead;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http2.hpack.HpackEncoder;

/** Compresses heads for one connection; each must be sent, in this order. */
final class HeadEncoder {

    private static final int MAX_TABLE = 4096; // more than the default is not worth its memory
    private static final int PER_FIELD = 32; // as HPACK counts, and room enough for lengths

    private final HpackEncoder hpack = new HpackEncoder();
    private int table = MAX_TABLE;
    private boolean tableChanged;

    /** Heeds the peer's HEADER_TABLE_SIZE, an unsigned number. */
    void peerTable(int bytes) {
        int next = (int) Math.min(Integer.toUnsignedLong(bytes), MAX_TABLE);
        if (next != table) {
            table = next;
            hpack.setMaxTableCapacity(next);
            hpack.setTableCapacity(next);
            tableChanged = true;
        }
    }

    /** Returns the fields of a request; its size is to be checked before it is encoded. */
    static List<HttpField> fields(RequestHead head, String scheme) {
        var fields = new ArrayList<HttpField>();
        boolean connect = head.method().equals("CONNECT");
        String host = connect ? head.target() : head.headers().get("Host");
        fields.add(new HttpField(HttpHeader.C_METHOD, head.method()));
        if (!connect) {
            fields.add(new HttpField(HttpHeader.C_SCHEME, scheme));
        }
        if (host != null) {
            fields.add(new HttpField(HttpHeader.C_AUTHORITY, host));
        }
        if (!connect) {
            fields.add(new HttpField(HttpHeader.C_PATH, head.target()));
        }
        addFields(fields, head.headers(), true);
        return fields;
    }

    /** Returns the fields of a response. */
    static List<HttpField> fields(ResponseHead head) {
        var fields = new ArrayList<HttpField>();
        fields.add(new HttpField(HttpHeader.C_STATUS, Integer.toString(head.status())));
        addFields(fields, head.headers(), false);
        return fields;
    }

    private static void addFields(List<HttpField> fields, Headers headers, boolean request) {
        headers.forEach((name, value) -> {
            String lowerCase = name.toLowerCase(Locale.ROOT);
            boolean dropped = Heads.isOfConnection(lowerCase)
                    || namedByConnection(headers, lowerCase)
                    || (request && lowerCase.equals("host"))
                    || (lowerCase.equals("te") && !value.equalsIgnoreCase("trailers"));
            if (!dropped) {
                fields.add(new HttpField(lowerCase, value));
            }
        });
    }

    private static boolean namedByConnection(Headers headers, String name) {
        return headers.contains("Connection") && headers.hasToken("Connection", name);
    }

    /** Returns the size of a head as HPACK counts it. */
    static long listSize(List<HttpField> fields) {
        long size = 0;
        for (HttpField field : fields) {
            size += field.getName().length() + field.getValue().length() + PER_FIELD;
        }
        return size;
    }

    /** Returns the fields compressed. */
    ByteBuffer encode(List<HttpField> fields) {
        ByteBuffer block =
                ByteBuffer.allocate(Math.toIntExact(listSize(fields) * 4 + PER_FIELD)); // Huffman at its worst
        if (tableChanged) {
            tableChanged = false;
            hpack.encodeMaxDynamicTableSize(block, table);
        }
        for (HttpField field : fields) {
            hpack.encode(block, field);
        }
        return block.flip();
    }
}
