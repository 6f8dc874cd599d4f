"""Scrapy's settings. What the operator may change comes from `crawler.configuration`; the rest is how this crawl behaves."""

from crawler.configuration import settings as _settings

_own = _settings()

BOT_NAME = "zhaoshang"
SPIDER_LOADER_CLASS = "crawler.spiders.loader.RegistrySpiderLoader"
SPIDER_MODULES: list[str] = []

# polite
USER_AGENT = f"zhaoshang/0.1 (+{_own.contact})" if _own.contact else "zhaoshang/0.1"
ROBOTSTXT_OBEY = True
ROBOTSTXT_USER_AGENT = "zhaoshang"
COOKIES_ENABLED = False  # no session is kept; and Scrapy would fetch the list of public suffixes from elsewhere
CONCURRENT_REQUESTS_PER_DOMAIN = 1  # and one spider a site at a time: see crawler/run.py
CONCURRENT_REQUESTS = 1
SCHEDULER_PRIORITY_QUEUE = "scrapy.pqueues.ScrapyPriorityQueue"  # strictly by priority, first come first served
SCHEDULER_MEMORY_QUEUE = "scrapy.squeues.FifoMemoryQueue"
DOWNLOAD_DELAY = _own.delay
RANDOMIZE_DOWNLOAD_DELAY = False  # at random it would be half of what was promised
AUTOTHROTTLE_ENABLED = True
AUTOTHROTTLE_START_DELAY = _own.delay
AUTOTHROTTLE_MAX_DELAY = 60.0
DOWNLOAD_TIMEOUT = 40
DOWNLOADER_CLIENT_TLS_CIPHERS = "DEFAULT:@SECLEVEL=0"  # many servers are old, and nothing secret is sent
RETRY_TIMES = 1
RETRY_PRIORITY_ADJUST = 1  # before all else: a site that is down is known after a few pages
RETRY_HTTP_CODES = [500, 502, 503, 504, 522, 524, 408]  # 429 is a challenge: asking again at once would be rude
REDIRECT_MAX_TIMES = 8

# bounded
DOWNLOAD_MAXSIZE = 20_000_000  # bytes, also after decompression
DOWNLOAD_WARNSIZE = 0
DOWNLOAD_FAIL_ON_DATALOSS = False  # some servers count their bytes wrong; see TruncatedMiddleware
URLLENGTH_LIMIT = 2000

# the spiders look at every answer themselves
HTTPERROR_ALLOW_ALL = True
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language": "zh-CN,zh;q=0.9,en;q=0.5",
}

DOWNLOADER_MIDDLEWARES = {
    "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,
    "crawler.middlewares.moved.MovedMiddleware": 40,
    "crawler.middlewares.reach.ReachMiddleware": 50,
    "crawler.middlewares.robots.RobotsErrorMiddleware": 540,
    "crawler.middlewares.retry_after.RetryAfterMiddleware": 560,
    "scrapy.downloadermiddlewares.redirect.MetaRefreshMiddleware": None,
    "crawler.middlewares.cut_off.TruncatedMiddleware": 587,
    "crawler.middlewares.capture.CaptureMiddleware": 585,  # after decompression and redirects, before anything that may drop the answer
}
EXTENSIONS = {
    "scrapy.extensions.feedexport.FeedExporter": None,
    "scrapy.extensions.logstats.LogStats": None,
    "crawler.extensions.archive_guard.ArchiveGuard": 0,
    "crawler.extensions.budget.Budget": 0,
    "crawler.extensions.crawl_delay.CrawlDelay": 0,
    "crawler.extensions.faults.Faults": 0,
    "crawler.extensions.progress.Progress": 0,
}

TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False
WARN_ON_GENERATOR_RETURN_VALUE = False  # a third of the time of a page
LOG_LEVEL = "INFO"
LOG_VERSIONS: list[str] = []
