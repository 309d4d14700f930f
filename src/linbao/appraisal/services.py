"""The verbs of appraisal, in one place; pages, API, jobs, demo and the rooms above call these.

`cycles` (opening, counting, telling, doing again), `rating` (self, peer, superior), `grading` (calibration, objections,
caps), `proposals` (5.2.3), `rulesets` (weights and cut-offs), `letters` (the document for the person).
"""

from linbao.appraisal.cycles import count_again, count_open, go_on, open_, open_duties, publish, reopen
from linbao.appraisal.grading import calibrate, cap, decide, find_deciders, halves_of, lift_cap, object_
from linbao.appraisal.letters import make_documents
from linbao.appraisal.proposals import decide_proposal
from linbao.appraisal.rating.services import rate
from linbao.appraisal.rulesets import save as save_rules

__all__ = [
    "calibrate", "cap", "count_again", "count_open", "decide", "decide_proposal", "find_deciders", "go_on", "halves_of",
    "lift_cap", "make_documents", "object_", "open_", "open_duties", "publish", "rate", "reopen", "save_rules",
]  # fmt: skip
