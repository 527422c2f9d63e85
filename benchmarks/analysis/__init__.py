"""What the analysis commands cost on a large archive, beside the same work by hand."""
