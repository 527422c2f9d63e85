"""What tests and benchmarks share: sample and scripted sites, the command, stores, known archives, damage."""
