"""``make bench``: what the product costs, each figure beside the least that could do the same."""
