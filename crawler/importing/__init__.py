"""Articles, pages and archives from outside the crawl."""
