"""What is requested, when, and in which order: new and due articles, depth of discovery, skipped requests."""
