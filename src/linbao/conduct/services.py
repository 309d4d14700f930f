"""The verbs of rewards and discipline (7.1, 7.2), by the matter that they belong to."""

from linbao.conduct.cases.services import appeal, decide_appeal, name_deciders, open_, settle, state_defence
from linbao.conduct.cases.services import decide as decide_case
from linbao.conduct.rewards.contributions import confirm, gather, record, reject
from linbao.conduct.rewards.services import ask_certificate, consent, decide, hand_over, nominate, set_budget, withdraw

__all__ = [
    "appeal", "ask_certificate", "confirm", "consent", "decide", "decide_appeal", "decide_case", "gather", "hand_over",
    "name_deciders", "nominate", "open_", "record", "reject", "set_budget", "settle", "state_defence", "withdraw",
]  # fmt: skip
