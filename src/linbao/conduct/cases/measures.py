"""Which measure fits which breach (domain.md §7, 7.2.1, 7.2.2)."""

from __future__ import annotations

from datetime import datetime

from linbao.conduct.models import Breach, Measure, Severity

LADDER = list(Measure)  # in order of weight
M = Measure
DEFAULTS: dict[tuple[str, str], Measure] = {
    (Breach.DELAY, Severity.LIGHT): M.TALK,
    (Breach.DELAY, Severity.MIDDLE): M.CRITICISM,
    (Breach.DELAY, Severity.GRAVE): M.REASSIGN,
    (Breach.FALSE, Severity.LIGHT): M.CRITICISM,
    (Breach.FALSE, Severity.MIDDLE): M.NOTICE,
    (Breach.FALSE, Severity.GRAVE): M.REVOKE,
    (Breach.LEAK, Severity.LIGHT): M.CRITICISM,
    (Breach.LEAK, Severity.MIDDLE): M.REASSIGN,
    (Breach.LEAK, Severity.GRAVE): M.REFER,
    (Breach.NEGLECT, Severity.LIGHT): M.NOTICE,
    (Breach.NEGLECT, Severity.MIDDLE): M.REASSIGN,
    (Breach.NEGLECT, Severity.GRAVE): M.REVOKE,
}
# 情节严重的取消资格 (7.2.1): the hardest measures need grave circumstances.
HARDEST = {Severity.LIGHT: M.NOTICE, Severity.MIDDLE: M.REASSIGN, Severity.GRAVE: M.REFER}
ENDS_ACCESS = (M.REVOKE, M.REFER)
CAPS = (Breach.FALSE, Breach.LEAK)  # confirmed, the appraisal is 基本称职 at most (domain.md §6)


def fits(measure: str, severity: str) -> bool:
    """Whether the measure is not too hard for the severity."""
    return LADDER.index(Measure(measure)) <= LADDER.index(HARDEST[Severity(severity)])


def milder_or_same(measure: str, than: str) -> bool:
    """Whether a measure is no harder than another."""
    return LADDER.index(Measure(measure)) <= LADDER.index(Measure(than))


def expiry(measure: str, decided_at: datetime) -> datetime:
    """When the record no longer counts: after one year, a revocation after three."""
    years = 3 if measure in ENDS_ACCESS else 1
    try:
        return decided_at.replace(year=decided_at.year + years)
    except ValueError:  # 29 February
        return decided_at.replace(year=decided_at.year + years, day=28)
