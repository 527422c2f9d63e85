"""Run files: the byte ranges each run wrote, their chain, and the statistics of a run."""
