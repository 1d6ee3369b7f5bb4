package dev.rondo.scrape.crawl;

import dev.rondo.http.Body;
import dev.rondo.http.Form;
import dev.rondo.http.HttpException;
import dev.rondo.http.client.ClientRequest;
import dev.rondo.http.client.ClientResponse;
import dev.rondo.http.client.ClientSession;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jsoup.Connection;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.FormElement;
import org.jspecify.annotations.Nullable;

/**
 * Fills in a form before a crawl begins: the first of a page that has all the fields that are to be filled in. Fields
 * that the page has filled in itself are sent along; what the server says in cookies stays in the session.
 */
final class Login {

    private Login() {}

    /**
     * Logs in. Suspends.
     *
     * @throws IOException if there is no such form, or the answer is no success: its status is 400 or more, or it has
     *     the same form again
     */
    static void in(ClientSession session, String url, Map<String, String> fields) throws IOException {
        Document page;
        try (ClientResponse response = session.get(url)) {
            response.raiseForStatus();
            page = Jsoup.parse(response.text(), response.url().toString());
        } catch (HttpException e) {
            throw new IOException("cannot log in at " + url + ": " + e.getMessage(), e);
        }
        FormElement form = form(page, fields.keySet());
        if (form == null) {
            throw new IOException("cannot log in at " + url + ": no form there has the fields " + fields.keySet()
                    + "; there are " + names(page));
        }
        try (ClientResponse response = session.request(filledIn(form, fields))) {
            response.raiseForStatus();
            boolean html = response.contentType().equals("text/html");
            if (html && form(Jsoup.parse(response.text(), url), fields.keySet()) != null) {
                throw new IOException("cannot log in at " + url + ": the answer has the same form again");
            }
        } catch (HttpException e) {
            throw new IOException("cannot log in at " + url + ": " + e.getMessage(), e);
        }
    }

    private static ClientRequest filledIn(FormElement form, Map<String, String> fields) throws HttpException {
        Form filled = Form.EMPTY;
        Map<String, String> missing = new LinkedHashMap<>(fields);
        for (Connection.KeyVal each : form.formData()) {
            filled = filled.with(each.key(), fields.getOrDefault(each.key(), each.value()));
            missing.remove(each.key());
        }
        for (Map.Entry<String, String> each : missing.entrySet()) { // a checkbox that is not ticked yet
            filled = filled.with(each.getKey(), each.getValue());
        }
        String action =
                form.hasAttr("action") && !form.attr("action").isEmpty() ? form.absUrl("action") : form.baseUri();
        if (form.attr("method").equalsIgnoreCase("post")) {
            return ClientRequest.of("POST", action).withBody(Body.form(filled));
        }
        ClientRequest[] request = {ClientRequest.of("GET", action)};
        filled.forEach((name, value) -> request[0] = request[0].withParam(name, value));
        return request[0];
    }

    private static @Nullable FormElement form(Document page, Set<String> names) {
        for (FormElement form : page.forms()) {
            if (names.stream().allMatch(name -> has(form, name))) {
                return form;
            }
        }
        return null;
    }

    private static boolean has(FormElement form, String name) {
        return form.elements().stream().anyMatch(field -> field.attr("name").equals(name));
    }

    private static Set<String> names(Document page) {
        Set<String> names = new LinkedHashSet<>();
        page.forms().forEach(form -> form.elements().forEach(field -> names.add(field.attr("name"))));
        names.remove("");
        return names;
    }
}
