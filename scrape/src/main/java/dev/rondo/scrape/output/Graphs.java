package dev.rondo.scrape.output;

import java.io.IOException;
import java.io.Writer;
import java.sql.Connection;
import java.sql.SQLException;

/** The graph of links: a node for each address that was asked for or is linked to, an edge for each link. */
final class Graphs {

    private static final String NODES = "SELECT address.id, url, page.status FROM address"
            + " LEFT JOIN page ON page.address = address.id ORDER BY address.id";
    private static final String EDGES = "SELECT source, target, count(*) FROM link GROUP BY source, target";

    private Graphs() {}

    static void graphMl(Connection pages, Writer out) throws IOException, SQLException {
        out.write("""
                <?xml version="1.0" encoding="UTF-8"?>
                <graphml xmlns="http://graphml.graphdrawing.org/xmlns">
                <key id="url" for="node" attr.name="url" attr.type="string"/>
                <key id="status" for="node" attr.name="status" attr.type="int"/>
                <key id="count" for="edge" attr.name="count" attr.type="int"/>
                <graph id="links" edgedefault="directed">
                """);
        ReportOutput.each(pages, NODES, row -> {
            out.write("<node id=\"n" + row.getLong(1) + "\"><data key=\"url\">" + xml(row.getString(2)) + "</data>");
            int status = row.getInt(3);
            out.write(row.wasNull() ? "</node>\n" : "<data key=\"status\">" + status + "</data></node>\n");
        });
        ReportOutput.each(
                pages,
                EDGES,
                row -> out.write("<edge source=\"n" + row.getLong(1) + "\" target=\"n" + row.getLong(2)
                        + "\"><data key=\"count\">" + row.getLong(3) + "</data></edge>\n"));
        out.write("</graph>\n</graphml>\n");
    }

    static void dot(Connection pages, Writer out) throws IOException, SQLException {
        out.write("digraph links {\n");
        ReportOutput.each(
                pages,
                NODES,
                row -> out.write("n" + row.getLong(1) + " [label=\"" + quoted(row.getString(2)) + "\"];\n"));
        ReportOutput.each(pages, EDGES, row -> out.write("n" + row.getLong(1) + " -> n" + row.getLong(2) + ";\n"));
        out.write("}\n");
    }

    /** Addresses are plain ASCII in the spelling of the crawl. */
    private static String xml(String url) {
        return url.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }

    private static String quoted(String url) {
        return url.replace("\\", "\\\\").replace("\"", "\\\"");
    }
}
