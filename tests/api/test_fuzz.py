"""The interface under schemathesis: whatever is sent, each answer is one that the description promises (design §6).

No fault of ours (5xx), no undocumented status, no answer of another shape. The gate takes some examples of each
operation; `LINBAO_TEST_FUZZ=500` takes so many of each, `LINBAO_FUZZ_REQUESTS=200000` so many requests in all (and
fails if it made fewer), `LINBAO_TEST_FUZZ_SEED=2` others.
"""

from __future__ import annotations

import logging
import os
import traceback
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import got_request_exception, request_finished, request_started
from django.db import close_old_connections
from django.dispatch import receiver
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from linbao.api import api
from tests.access.conftest import world  # noqa: F401
from tests.access.places import endpoint
from tests.access.world import World

faults: list[str] = []  # the last of them, where there was one


@receiver(got_request_exception)
def _note(**_kwargs: Any) -> None:
    faults.append(traceback.format_exc()[-1500:])


REQUESTS = int(os.environ.get("LINBAO_FUZZ_REQUESTS", "0"))
EXAMPLES = int(os.environ.get("LINBAO_TEST_FUZZ", "2"))
SEED = int(os.environ.get("LINBAO_TEST_FUZZ_SEED", "1"))
CHECKS = (not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance)
CALLERS = ("reporter", "reviewer", "handler", "manager", "administrator")
STATES = ("draft", "submitted", "returned", "approved", "handling", "resolved", "informed", "evaluated", "closed")


def undone(town: World) -> Callable[..., Iterable[bytes]]:
    """The application itself; what a request changes is undone after it."""
    handler = WSGIHandler()

    def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        # As the framework's own test client does: the connection outlives the request.
        for signal in (request_started, request_finished):
            signal.disconnect(close_old_connections)
        try:
            with town.undone():
                return [b"".join(handler(environ, start_response))]
        finally:
            for signal in (request_started, request_finished):
                signal.connect(close_old_connections)

    return application


@pytest.mark.timeout(0 if REQUESTS else 900)  # so many requests take hours
def test_every_answer_is_one_that_the_description_promises(world: World) -> None:  # noqa: F811
    logging.disable(logging.CRITICAL)
    tokens = {c: f"Bearer {world.tokens[c]}" for c in CALLERS}
    schema = schemathesis.openapi.from_dict(api.get_openapi_schema())
    schema.app = undone(world)
    asked: Counter[str] = Counter()
    errors: dict[str, str] = {}
    modes = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
    operations = [result.ok() for result in schema.get_all_operations() if isinstance(result, Ok)]
    assert len(operations) == len(list(schema.get_all_operations()))
    each, rounds = max(EXAMPLES, min(500, -(-REQUESTS // len(operations) // len(modes)))), 0
    try:
        # Some operations have few inputs, so that a round makes fewer requests than asked: another follows, of
        # another seed.
        while not rounds or (sum(asked.values()) < REQUESTS and rounds < 200):
            for operation in operations:
                for mode in modes:
                    _try(world, operation, mode, tokens, asked, errors, examples=each, round=rounds)
            rounds += 1
    finally:
        logging.disable(logging.NOTSET)
    print(f"{sum(asked.values())} requests; answers: {dict(sorted(asked.items()))}")
    assert sum(asked.values()) >= REQUESTS
    assert not errors, "\n\n".join(errors.values())


def _try(
    town: World,
    operation: Any,
    mode: Any,
    tokens: dict[str, str],
    asked: Counter[str],
    wrong: dict[str, str],
    *,
    examples: int,
    round: int,
) -> None:
    key = f"{operation.method.upper()} {operation.path.removeprefix('/api/v1')}"

    @seed(SEED + 1000 * round)
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(
        case=operation.as_strategy(generation_mode=mode),
        caller=st.sampled_from(CALLERS),
        state=st.sampled_from(STATES),
        real=st.integers(0, 3),
    )
    def ask(case: Any, caller: str, state: str, real: int) -> None:
        if "{" in operation.path and real:  # of a real object, three times in four
            case.path_parameters = {
                n: _last(endpoint(f"GET /{p}/{{{n}}}", town.own, state, caller))
                for n in case.path_parameters
                for p in ("x",)
            }
        response = case.call(headers={"Authorization": tokens[caller], "Accept-Encoding": "identity"})
        asked[str(response.status_code)] += 1
        try:
            case.validate_response(response, checks=list(CHECKS))
        except BaseExceptionGroup as e:
            problem = f"{key} as {caller}: {response.status_code} {str(e)[:900]}\n{faults[-1] if faults else ''}"
            wrong.setdefault(f"{key} {response.status_code} {type(e).__name__}", problem)

    ask()


def _last(address: str) -> str:
    return address.rstrip("/").rpartition("/")[2]
