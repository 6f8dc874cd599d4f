"""A list page laid flat: rows, groups, days, titles, and the way on."""
