"""`citynews repair`: keeps every intact record, rebuilds what can be rebuilt, reports what is lost.

What is broken goes to ``quarantine/<run>/``. The repair is a run of the chain: its file holds what the changed files
are from now on and what is lost, so that `verify` finds the archive whole, the loss stays visible, and a later change
can be proved again. All new files are prepared in .change/ and moved at once (archive/write/transaction.py).
"""

from crawler.maintenance.repair.plan import Repaired
from crawler.maintenance.repair.repair import repair
from crawler.maintenance.repair.steps import Rederive

__all__ = ["Rederive", "Repaired", "repair"]
