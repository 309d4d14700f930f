"""What this room does by itself."""

from __future__ import annotations

from procrastinate.contrib.django import app


@app.task(name="confidentiality.make_agreement")
def make_agreement(signature: str) -> None:
    """The sealed document of one signature (6.2.1)."""
    from linbao.confidentiality import agreements

    agreements.make_document(signature)


@app.periodic(cron="*/10 * * * *")
@app.task(name="confidentiality.watch", queueing_lock="confidentiality.watch", lock="confidentiality.watch")
def watch(timestamp: int) -> None:
    """Raise unusual looking (1.3.4); every ten minutes."""
    from linbao.confidentiality import watching

    watching.watch()


@app.periodic(cron="40 18 * * *")
@app.task(name="confidentiality.daily", queueing_lock="confidentiality.daily", lock="confidentiality.daily")
def daily(timestamp: int) -> None:
    """Renewals, expired copies, and what is past its period; 2:40 in China."""
    from linbao.confidentiality import agreements, disclosures, retention

    agreements.renew()
    disclosures.expire()
    retention.run()
