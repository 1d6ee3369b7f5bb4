package dev.rondo.scrape.crawl;

import dev.rondo.http.Url;
import dev.rondo.http.client.Proxies;
import dev.rondo.http.client.Proxy;
import java.util.List;

/** Several proxies, each for some of the hosts: a host always sees the same one. */
record ProxyList(List<Proxy> proxies) implements Proxies {
    @Override
    public Proxy forUrl(Url url) {
        return proxies.get(Math.floorMod(url.host().hashCode(), proxies.size()));
    }
}
