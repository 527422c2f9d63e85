"""citynews: from the street to the archive. (The walk follows.)"""

__version__ = "0.1.0"
