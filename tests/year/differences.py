"""Where product and ledger differ: all of them, each with its clause, what it is about, and what either says."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

MOST_SHOWN = 60


@dataclass(frozen=True)
class Difference:
    clause: str
    subject: str
    ledger: str
    product: str
    at: str

    def __str__(self) -> str:
        return f"[{self.clause}] {self.at} {self.subject}\n      ledger:  {self.ledger}\n      product: {self.product}"


class Differences:
    def __init__(self) -> None:
        self.rows: list[Difference] = []
        self.compared: Counter[str] = Counter()  # clause → how many things were compared
        self.at = ""
        self._known: set[tuple[str, str, str, str]] = set()

    def moment(self, now: datetime) -> None:
        self.at = f"{now:%Y-%m-%d %H:%M}"

    def add(self, clause: str, subject: str, ledger: str, product: str) -> None:
        """Each is named once, however often it is seen again."""
        key = (clause, subject, ledger, product)
        if key not in self._known:
            self._known.add(key)
            self.rows.append(Difference(*key, at=self.at))

    def compare(self, clause: str, subject: str, ledger: object, product: object) -> None:
        self.compared[clause] += 1
        if ledger != product:
            self.add(clause, subject, str(ledger), str(product))

    def __str__(self) -> str:
        by_clause = Counter(d.clause for d in self.rows)
        lines = [f"{len(self.rows)} differences in {sum(self.compared.values())} comparisons: {dict(by_clause)}"]
        shown: Counter[str] = Counter()
        for row in self.rows:
            shown[row.clause] += 1
            if shown[row.clause] <= MOST_SHOWN:
                lines.append(f"  {row}")
        return "\n".join(lines)
