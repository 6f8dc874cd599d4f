"""What pages, API and exports show, computed once for all of them."""
