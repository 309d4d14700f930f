"""The verbs of handling and of the closed loop, in one place; pages, API, jobs and demo call these.

`assigning` (who, by when), `work` (progress, result), `oversight` (extension, supervision, adoption),
`loop` (telling the resident, their judgement, closing, reopening), `links` (the resident's private
link), `callbacks` (the drawn sample).
"""

from linbao.handling.assigning import assign, assist, receivers, take_up, transfer
from linbao.handling.call_backs.services import draw_call_backs, record_call_back
from linbao.handling.links import evaluate_by_link, link_of, revoke_link
from linbao.handling.loop import close, close_settled, evaluate, inform, reopen
from linbao.handling.oversight import (
    adopt,
    answer_supervision,
    confirm_adoption,
    decide_extension,
    request_extension,
    supervise,
    supervised_item,
)
from linbao.handling.work import progress, remind, resolve

__all__ = [
    "adopt", "answer_supervision", "assign", "assist", "close", "close_settled", "confirm_adoption", "decide_extension",
    "draw_call_backs", "evaluate", "evaluate_by_link", "inform", "link_of", "progress", "receivers", "record_call_back",
    "remind", "reopen", "request_extension", "resolve", "revoke_link", "supervise", "supervised_item", "take_up",
    "transfer",
]  # fmt: skip
