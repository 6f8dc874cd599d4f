"""Small web sites on loopback that behave like publishing systems: their paging, their quirks, their traps. See `tests.sites.web.Site`."""
