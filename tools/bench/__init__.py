"""`invoke bench`: pictures and first requests beside those of others, as ratios measured in one run."""
