"""Every fault of an OpenAI-compatible service: what is asked again, and what is said."""

from __future__ import annotations

import numpy as np
import pytest

from core.base.errors import ExplorerError, InputError, ServiceError
from tests.support.embeddings_server import KEY, EmbeddingsServer
from tests.support.openai_fixtures import (
    MODEL,
    TEXTS,
    embeddings_service,  # noqa: F401  the fixture “server”
    encoder,
    everything_said,
    expected,
    fault,
    plain_environment,  # noqa: F401  used by every test
)


def test_a_request_waits_out_a_rate_limit_and_a_passing_fault(server: EmbeddingsServer) -> None:
    server.plan = ["429", "429", "500"]
    found = encoder(server, max_retries=3).encode(TEXTS)
    np.testing.assert_allclose(found, expected(TEXTS), atol=1e-6)
    assert len(server.asked) == 4


def test_a_rate_limit_that_stays_ends_after_the_retries(server: EmbeddingsServer) -> None:
    server.then = "429"
    error = fault(server, max_retries=2)
    assert isinstance(error, ServiceError)
    assert "127.0.0.1 still limits the rate (429, tries: 3)." in str(error)
    assert "Finished batches are kept: wait" in error.remedy
    assert len(server.asked) == 3


def test_a_wait_over_two_minutes_is_not_begun(server: EmbeddingsServer) -> None:
    server.then, server.retry_after = "429", "86400"
    assert isinstance(fault(server, max_retries=4), ServiceError)
    assert len(server.asked) == 1


def test_a_fault_in_the_middle_leaves_the_first_batches(server: EmbeddingsServer) -> None:
    one = encoder(server)
    server.plan = ["", "500"]
    first = one.encode_texts(TEXTS[:2])
    np.testing.assert_allclose(first.vectors, expected(TEXTS[:2]), atol=1e-6)
    with pytest.raises(ServiceError, match=r"failed: Error code: 500.*Finished batches are kept"):
        one.encode_texts(TEXTS[2:])
    np.testing.assert_allclose(one.encode(TEXTS[2:]), expected(TEXTS[2:]), atol=1e-6)


@pytest.mark.parametrize(
    ("how", "kind", "said"),
    [
        ("401", InputError, "127.0.0.1 does not accept the key (401). Type the key again."),
        ("403", InputError, "127.0.0.1 does not accept the key (403)."),
        ("404", InputError, f"127.0.0.1 has no model “{MODEL}” (404)."),
        ("400", InputError, "refuses the request: Error code: 400 - No 400 for Bearer …, embed"),
        ("413", InputError, "refuses the request"),
        ("500", ServiceError, "127.0.0.1 failed: Error code: 500"),
        ("307", ServiceError, "127.0.0.1 failed: Error code: 307"),
        ("no credit", ServiceError, "says that the account has no credit left."),
        ("html", ServiceError, "127.0.0.1 gave no vectors: <!doctype html><html><title>Welcome"),
        ("echo", ServiceError, "127.0.0.1 gave no vectors: xxx"),
        ("error", ServiceError, "upstream is away"),
        ("drop", ServiceError, "gave 2 vectors, 2 of them readable and of a text of ours."),
        ("twice", ServiceError, "gave 3 vectors, 2 of them readable"),
        ("words", ServiceError, "gave 3 vectors, 2 of them readable"),
        ("missing", ServiceError, "gave 3 vectors, 2 of them readable"),
        ("ragged", ServiceError, "gave 3 vectors, 2 of them readable"),
        ("null", ServiceError, "gave 3 vectors, 2 of them readable"),
        ("dim", ServiceError, "gave vectors of 9 numbers, 8 were expected: another model?"),
        ("longer", ServiceError, "gave vectors of 9 numbers, 8 were expected: another model?"),
        ("nan", ServiceError, "numbers that are not finite, for text 3 of 3."),
        ("infinite", ServiceError, "numbers that are not finite, for text 3 of 3."),
        ("zero", ServiceError, "gave only zeros, or"),
    ],
)
def test_a_fault_says_what_came(
    server: EmbeddingsServer, how: str, kind: type[ExplorerError], said: str
) -> None:
    server.then = how
    error = fault(server)
    assert type(error) is kind
    assert said in str(error)
    assert error.remedy
    assert len(server.asked) == 1


def test_a_wrong_key_is_not_repeated(server: EmbeddingsServer) -> None:
    wrong = KEY[::-1]
    with pytest.raises(InputError, match="does not accept the key") as caught:
        encoder(server, key=wrong).encode(TEXTS)
    assert wrong not in everything_said(caught.value)


def test_a_service_that_hangs_is_left_after_the_time_out(server: EmbeddingsServer) -> None:
    server.then = "hang"
    error = fault(server, timeout=0.05)
    assert isinstance(error, ServiceError)
    assert "127.0.0.1 did not answer in 0.05 s (tries: 1)." in str(error)


def test_a_service_out_of_reach_is_named(server: EmbeddingsServer) -> None:
    server.close()
    error = fault(server)
    assert isinstance(error, ServiceError)
    assert "127.0.0.1 is out of reach: " in str(error)
    assert "Check the address" in error.remedy
