"""Where closed capture files lie beside the worker's own disk: a shared folder, or a bucket of an S3 server (docs/decisions/0460)."""
