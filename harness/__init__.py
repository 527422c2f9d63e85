"""What the tests of the foundation share."""
