"""What tests and benchmarks share: sample and scripted sites, the command, stores, archives with known truth, damage."""
