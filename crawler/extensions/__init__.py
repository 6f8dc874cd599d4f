"""Scrapy extensions of this crawl."""
