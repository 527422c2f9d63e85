"""What citynews costs beside others, as ratios of CPU: `make bench`."""
