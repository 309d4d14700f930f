"""Lifecycles as declared tables: which verb leads from which state to which, who may, and what is answered else.

A room declares its own in `states.py` and changes a state through `Lifecycle.move` alone:

    CYCLE = Lifecycle("appraisal cycle", CycleState, Transition("publish", …), …)
    CYCLE.move(cycle, "publish", user, published_at=now, published_by=user)

A table is checked when it is declared. `docs/states.md` is drawn from all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.core.exceptions import ImproperlyConfigured
from django.db import models
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from linbao.core.permissions import Permitted, allow
from linbao.core.problems import Conflict

Row = TypeVar("Row", bound=models.Model)
Message = str | Promise | Callable[[Any], str]

WRONG_STATE = _("当前为“%(now)s”，不能%(verb)s；可能已有他人办理，请刷新后查看。")


@dataclass(frozen=True, kw_only=True)
class Transition:
    """One line of a table.

    `target` is the state afterwards; None: the state stays, the verb is only bound to it. `perm` names the permission
    (some room's permissions.py), asked of the row or of its attribute `of`; empty where time or a rule does it.
    `message` answers in a wrong state, a whole sentence: text with `%(now)s` (the state) and `%(verb)s` (this verb),
    or a function of the row; without one, the lifecycle's. `meets` are the duties that the verb fulfils.
    """

    verb: str
    name: str | Promise
    sources: Collection[str]
    target: str | None
    perm: str = ""
    of: str = ""
    clause: str
    message: Message = ""
    meets: tuple[str, ...] = ()


class Lifecycle(Generic[Row]):
    """The states of one kind of row and the verbs between them.

    `states` are the choices; `field` is the column or, where the state follows from other columns, a property;
    `conditions` then say of every state how the database sees it. `final` states are left by no verb.
    Raises `ImproperlyConfigured` for a table with holes: a state that no verb ends and that is not declared final, one
    that nothing leads to, a verb that stands twice.
    """

    def __init__(
        self,
        name: str,
        states: type[models.TextChoices],
        *transitions: Transition,
        initial: Collection[str],
        final: Collection[str],
        field: str = "state",
        message: Message = WRONG_STATE,
        conditions: Mapping[str, Q] | None = None,
    ) -> None:
        self.name, self.states, self.field, self.message = name, states, field, message
        self.initial, self.final, self.conditions = frozenset(initial), frozenset(final), conditions
        self.transitions = {t.verb: t for t in transitions}
        if len(self.transitions) < len(transitions):
            raise ImproperlyConfigured(f"{name}: a verb stands twice")
        self._check_whole()

    def _check_whole(self) -> None:
        table, known = self.transitions.values(), set(self.states.values)
        left = {s for t in table for s in t.sources if t.target not in (None, s)}
        reached = {t.target for t in table if t.target is not None} | self.initial
        named = {s for t in table for s in t.sources} | reached | self.final
        holes = {
            "unknown states": named - known,
            "states neither ended by a verb nor final": known - left - self.final,
            "final states that a verb ends": left & self.final,
            "states that nothing leads to": known - reached,
            "states without a condition": known - set(self.conditions) if self.conditions is not None else set(),
        }
        if problems := {what: sorted(which) for what, which in holes.items() if which}:
            raise ImproperlyConfigured(f"{self.name}: {problems}")

    def state(self, row: Row) -> str:
        """The row's state, as the code of one of `states`."""
        return str(getattr(row, self.field))

    def sources(self, verb: str) -> Collection[str]:
        """The states in which the verb is taken: for queries."""
        return self.transitions[verb].sources

    def allows(self, row: Row, verb: str) -> bool:
        """Whether the row's state allows the verb, whoever asks."""
        return getattr(row, self.field) in self.transitions[verb].sources

    def may(self, user: Permitted, verb: str, row: Row) -> bool:
        """Whether `user` may take the verb now: the state allows it and they have its permission."""
        return self.allows(row, verb) and user.has_perm(self.transitions[verb].perm, self._subject(row, verb))

    def permit(self, row: Row, verb: str, user: Permitted) -> None:
        """Raise `NotAllowed` unless `user` has the verb's permission."""
        allow(user, self.transitions[verb].perm, self._subject(row, verb))

    def check(self, row: Row, verb: str, user: Permitted | None = None) -> None:
        """Raise `NotAllowed` unless `user` (if one is named) may, then `Conflict` unless the state allows the verb: for
        verbs that check their input before they move."""
        if user is not None:
            self.permit(row, verb, user)
        if not self.allows(row, verb):
            raise Conflict(self.answer(row, verb))

    def answer(self, row: Row, verb: str) -> str:
        """The sentence for somebody who takes the verb in a state that does not allow it."""
        transition = self.transitions[verb]
        message = transition.message or self.message
        if not isinstance(message, str | Promise):
            return message(row)
        state = self.state(row)
        return str(message) % {"now": self.states(state).label, "verb": transition.name}

    def advance(self, row: Row, verb: str) -> str:
        """Take the verb on the row in memory, for callers that hold its lock and write many rows in one statement;
        returns the state before. Raises `Conflict`."""
        transition = self.transitions[verb]
        before: str = getattr(row, self.field)
        if before not in transition.sources:
            raise Conflict(self.answer(row, verb))
        if transition.target is not None and self.conditions is None:
            setattr(row, self.field, transition.target)
        return before

    def move(
        self, row: Row, verb: str, user: Permitted | None = None, /, *, save: Iterable[str] = (), **values: Any
    ) -> Row:
        """Take the verb and write it: one UPDATE that finds the row only in the state that was read, so that of two at
        once one moves it and the other gets `Conflict`, with or without a lock.

        `values` are set and written in the same statement, with the fields named in `save`, which the caller has set.
        `user`: asked for the permission first; None where that was done already, or time does it.
        Raises `NotAllowed`, `Conflict`.
        """
        self.check(row, verb, user)
        before, target = self.state(row), self.transitions[verb].target
        condition = self._condition(before)
        for name, value in values.items():
            setattr(row, name, value)
        fields = [*save, *values]
        if target is not None and self.conditions is None:
            setattr(row, self.field, target)
            fields.append(self.field)
        meta = type(row)._meta
        columns = [meta.get_field(name) for name in dict.fromkeys(fields)]
        # Written as `save` would: an encrypted field is bound to its row, a blind index follows its field.
        written = {f.attname: f.pre_save(row, False) for f in columns}  # type: ignore[union-attr]  # no relation back
        if written and not type(row)._base_manager.filter(condition, pk=row.pk).update(**written):
            row.refresh_from_db()
            raise Conflict(self.answer(row, verb))
        return row

    def move_all(self, rows: models.QuerySet[Row], verb: str, **values: Any) -> int:
        """Take the verb on all of `rows` that are in a state for it, in one statement; returns how many moved."""
        transition = self.transitions[verb]
        allowed = Q()
        for state in sorted(transition.sources):
            allowed |= self._condition(state)
        if transition.target is not None and self.conditions is None:
            values[self.field] = transition.target
        return rows.filter(allowed).update(**values)

    def _condition(self, state: str) -> Q:
        return Q(**{self.field: state}) if self.conditions is None else self.conditions[state]

    def _subject(self, row: Row, verb: str) -> object:
        of = self.transitions[verb].of
        return getattr(row, of) if of else row
