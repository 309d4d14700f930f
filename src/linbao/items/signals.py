"""What items announce to the rooms above, inside the transaction that causes it: a receiver that raises undoes all
of it.

Urgent is one state with one entry (2.3.2): whatever sets it announces `urgent_submitted`, whatever ends it
`urgent_ended`.
"""

from django.dispatch import Signal

# items: Sequence[Item], saved, urgent and submitted; by: User; marked_at: when somebody recognised them as urgent
# later, None when they were submitted so.
urgent_submitted = Signal()
# item: Item, whose limits become the short ones; by: User.
urgent_marked = Signal()
# item: Item, about to be saved without the mark by its reporter; by: User. A receiver refuses with `Invalid`.
urgent_unset = Signal()
# item: Item; by: User; outcome: "withdrawn", "unmarked" or "merged"; reason: str; into: the surviving Item or None.
urgent_ended = Signal()
