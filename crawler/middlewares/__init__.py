"""Scrapy middlewares of this crawl."""
