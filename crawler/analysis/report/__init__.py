"""`citynews report`: figures and plots of an archive in one HTML file."""
