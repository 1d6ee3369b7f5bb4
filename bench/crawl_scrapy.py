"""A crawler with Scrapy, for crawl.sh. Usage: crawl_scrapy.py START"""

import logging
import sys
from urllib.parse import urlsplit

import scrapy
from scrapy.crawler import CrawlerProcess
from scrapy.linkextractors import LinkExtractor

start = sys.argv[1]


class Site(scrapy.Spider):
    name = "site"
    start_urls = [start]
    allowed_domains = [urlsplit(start).hostname]
    extractor = LinkExtractor(allow=start.rsplit("/", 1)[0])
    pages = 0

    def parse(self, response):
        Site.pages += 1
        if isinstance(response, scrapy.http.HtmlResponse):
            for link in self.extractor.extract_links(response):
                yield scrapy.Request(link.url, callback=self.parse)


logging.disable(logging.CRITICAL)
process = CrawlerProcess(
    {
        "CONCURRENT_REQUESTS": 16,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 16,
        "LOG_ENABLED": False,
        "TELNETCONSOLE_ENABLED": False,
        "ROBOTSTXT_OBEY": False,
    }
)
process.crawl(Site)
process.start()
print(Site.pages)
