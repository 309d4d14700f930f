"""What must be true of a lived year: written from the regulation and the domain's paper alone.

The ledger hears what people did and when (`Ledger` in `book.py`), and says what follows from it: which weekly report
holds an item, who owes what until when and how that stands, what the figures are, which mails went out. It knows
nothing of the product: a test asserts that nothing here imports it. Times are aware; days are those of the unit's zone.

Readings chosen where the papers leave room:

- A working day is as many working hours as a day holds (9:00–12:00, 14:00–18:00), counted from the moment (design §4).
- The report's day is Friday; where Friday is not worked, the week's last worked day (4.1.1, domain §3). A make-up
  Saturday behind a worked Friday does not move it, and a week without a working day keeps its Friday.
- Limits are computed when a duty begins; a correction of the calendar counts for what begins after it.
- A report confirmed after Monday 12:00 was missed until then and is late from then on: it was made after all.
- A report that was returned keeps what it took in; its corrected version takes in nothing new, and what arrived since
  belongs to the next report of the same reporter or group.
- The report counts as received, and its review as owed, when it is sent, that is when the minutes of take-back are
over.
- The weekly report is owed by whoever is in office on its day or was appointed until then. What a person who leaves has
  not reported is owed by their group's leader, else by a manager; with nothing behind it the duty falls away. What they
  stood in for goes on to the same person, and stays the absent reporter's.
- A handled matter's progress duty that still stands when the result comes is met by the result.
- Merging is the reviewer's decision about an item: it meets the review (and the assigning) that stood open.
- An alarm's duty is owed by each person it reached. Who was reached and had not let their five minutes pass when
  somebody else signed owes nothing any more; who had let them pass is late from then on.
- Withdrawn items are no reported information: no statistics count them. Merged ones are counted as reported, not as
  judged, since another item carries them on.
- Closings are events as evaluations are: one that was reopened later had been closed all the same.
- A closing ends all handling since the closing before: one late round makes it late, also when a later one was in time.
- Accuracy asks about items with a decision, merged ones too: what was returned for truth stays returned.
- A group's weekly report counts for each member in office and not on leave on its day.
- The first-pass rate counts items with a first decision: those whose first decision was an approval.
- Duties move with a leave when the leave job runs (every ten minutes): those due while it lasts. Call, hour and
  follow-up of an emergency, and what nobody can do for another, stay.
- Amending, informing, evaluating and handling that a person who leaves still owes go the same way, and what they stood
  in for goes back to whom they stood in for, or to the next stand-in, when the leave job runs.
- A stand-in who has collected in the week has collected for the absent one too; where the duty came to them afterwards,
  it is met when the week's job looks again.
"""
