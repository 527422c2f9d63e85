"""`citynews merge`: merges several archives, with outcomes decided over all of them.

The serial half of replay, over lines instead of pages: the visits of all inputs in one order
(crawler.archive.read.order), each put through the pipelines that decide and store. The result holds lines and run
files, and refers to the WARC files of its inputs. It can be repeated: what was taken stands in the run file, and only
what came since is worked on.
"""

from crawler.maintenance.merge.merge import MergeOptions, MergeSummary, merge

__all__ = ["MergeOptions", "MergeSummary", "merge"]
