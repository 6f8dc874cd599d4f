"""Several machines on one archive, on PostgreSQL: who is alive, who holds which sites, what is done of a run."""
