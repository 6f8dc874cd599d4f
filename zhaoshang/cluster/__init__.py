"""The worker of a cluster: the process that takes jobs from the queue, and those that it has do them."""
