"""Scrapy's settings. How sites are asked comes from `crawler.web.site_policy`; the rest is how this crawl behaves."""

from crawler.configuration import settings as _settings
from crawler.web.site_policy import site_policy

SITE_POLICY = _policy = site_policy(_settings())  # for the middlewares and extensions

BOT_NAME = "zhaoshang"
SPIDER_LOADER_CLASS = "crawler.spiders.loader.RegistrySpiderLoader"
SPIDER_MODULES: list[str] = []

# polite
USER_AGENT = _policy.user_agent
COOKIES_ENABLED = False  # no session is kept; and Scrapy would fetch the list of public suffixes from elsewhere
CONCURRENT_REQUESTS_PER_DOMAIN = 1  # and one spider a site at a time: see crawler/stages/crawl.py
CONCURRENT_REQUESTS = 1
SCHEDULER_PRIORITY_QUEUE = "scrapy.pqueues.ScrapyPriorityQueue"  # strictly by priority, first come first served
SCHEDULER_MEMORY_QUEUE = "scrapy.squeues.FifoMemoryQueue"
DOWNLOAD_DELAY = _policy.delay
RANDOMIZE_DOWNLOAD_DELAY = False  # at random it would be half of what was promised
AUTOTHROTTLE_ENABLED = True
AUTOTHROTTLE_START_DELAY = _policy.delay
AUTOTHROTTLE_MAX_DELAY = 60.0
DOWNLOAD_TIMEOUT = _policy.timeout
DOWNLOADER_CLIENT_TLS_CIPHERS = _policy.tls_ciphers
RETRY_TIMES = _policy.retries
RETRY_PRIORITY_ADJUST = 1  # before all else: a site that is down is known after a few pages
RETRY_HTTP_CODES = sorted(_policy.retry_statuses)
REDIRECT_MAX_TIMES = _policy.redirects

# one item of a callback after the other: Scrapy makes so many tasks for every answer, and most answers bring nothing
CONCURRENT_ITEMS = 1

# bounded
DOWNLOAD_MAXSIZE = _policy.most_bytes  # also after decompression
DOWNLOAD_WARNSIZE = 0
DOWNLOAD_FAIL_ON_DATALOSS = False  # some servers count their bytes wrong; see TruncatedMiddleware
URLLENGTH_LIMIT = 0  # Scrapy would drop the request without a word; see ReachMiddleware

# the spiders look at every answer themselves
HTTPERROR_ALLOW_ALL = True
DEFAULT_REQUEST_HEADERS = _policy.headers

DOWNLOADER_MIDDLEWARES = {
    "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,
    "scrapy.downloadermiddlewares.httpauth.HttpAuthMiddleware": None,
    "scrapy.downloadermiddlewares.stats.DownloaderStats": None,
    "crawler.middlewares.moved.MovedMiddleware": 40,
    "crawler.middlewares.contact_policy.ReachMiddleware": 50,
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    "crawler.middlewares.robots.RobotsMiddleware": 100,
    "crawler.middlewares.retry_after.RetryAfterMiddleware": 560,
    "scrapy.downloadermiddlewares.redirect.MetaRefreshMiddleware": None,
    "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": None,
    "crawler.middlewares.faulty_answers.RedirectMiddleware": 600,
    "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,
    "crawler.middlewares.faulty_answers.DecompressionMiddleware": 590,
    "crawler.middlewares.robots_body.RobotsBodyMiddleware": 595,  # before decompression
    "crawler.middlewares.truncated.TruncatedMiddleware": 587,
    "crawler.middlewares.capture.CaptureMiddleware": 585,  # after decompression and redirects, before anything that may drop the answer
}
SPIDER_MIDDLEWARES = dict.fromkeys(
    (
        "scrapy.spidermiddlewares.httperror.HttpErrorMiddleware",
        "scrapy.spidermiddlewares.urllength.UrlLengthMiddleware",
        "scrapy.spidermiddlewares.depth.DepthMiddleware",
        "scrapy.spidermiddlewares.metacopy.MetaCopyDetectionMiddleware",
    )
)  # nothing here needs them, and each costs every answer
DOWNLOAD_HANDLERS = {
    "http": "crawler.middlewares.checked_download.CheckedDownloadHandler",
    "https": "crawler.middlewares.checked_download.CheckedDownloadHandler",
    **dict.fromkeys(("data", "file", "ftp", "s3")),
}
TWISTED_DNS_RESOLVER = "crawler.middlewares.checked_download.PinnedNames"
EXTENSIONS = {
    "scrapy.extensions.corestats.CoreStats": None,
    "scrapy.extensions.feedexport.FeedExporter": None,
    "scrapy.extensions.logstats.LogStats": None,
    "scrapy.extensions.memdebug.MemoryDebugger": None,
    "scrapy.extensions.remote_control.RemoteControl": None,
    "scrapy.extensions.spiderstate.SpiderState": None,
    "scrapy.extensions.telnet.TelnetConsole": None,
    "crawler.extensions.archive_guard.ArchiveGuard": 0,
    "crawler.extensions.budget.Budget": 0,
    "crawler.extensions.crawl_delay.CrawlDelay": 0,
    "crawler.extensions.faults.Faults": 0,
    "crawler.extensions.progress.Progress": 0,
}

WARN_ON_GENERATOR_RETURN_VALUE = False  # a third of the time of a page
LOG_LEVEL = "INFO"
LOG_VERSIONS: list[str] = []
