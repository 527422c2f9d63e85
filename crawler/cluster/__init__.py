"""Many machines on Dask distributed: crawls as tasks, and the extraction of a replay. Safety lies in the store."""
