"""What browse and report share: templates, charts, style, and the words of the user interface."""
