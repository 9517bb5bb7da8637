"""The encoder over an OpenAI-compatible service: right answers, the key and the address."""

from __future__ import annotations

import logging

import numpy as np
import pytest

from core.base.errors import InputError, ServiceError
from core.base.types import Modality, Space
from core.spaces.encoders.openai_api import OpenAIEncoder, list_models, probe, read_address
from tests.support.embeddings_server import KEY, EmbeddingsServer
from tests.support.openai_fixtures import (
    DIM,
    MODEL,
    TEXTS,
    embeddings_service,  # noqa: F401  the fixture “server”
    encoder,
    everything_said,
    expected,
    plain_environment,  # noqa: F401  used by every test
)


def test_vectors_are_of_unit_length_and_the_lengths_are_kept(server: EmbeddingsServer) -> None:
    found = encoder(server).encode_texts(TEXTS)
    np.testing.assert_allclose(found.vectors, expected(TEXTS), atol=1e-6)
    np.testing.assert_allclose(found.lengths, [2, 2, 2], rtol=1e-6)
    assert found.vectors.dtype == found.lengths.dtype == np.float32
    assert found.cut.tolist() == [False, False, False]
    (asked,) = server.asked
    assert (asked.model, asked.texts, asked.encoding) == (MODEL, TEXTS, "float")
    assert (asked.path, asked.authorization) == ("/v1/embeddings", f"Bearer {KEY}")


def test_queries_and_vectors_alone_are_the_same_vectors(server: EmbeddingsServer) -> None:
    one = encoder(server)
    query = one.encode_query(TEXTS[1])
    np.testing.assert_allclose(query.vectors, expected(TEXTS[1:2]), atol=1e-6)
    np.testing.assert_allclose(one.encode(TEXTS), expected(TEXTS), atol=1e-6)
    assert one.encode([]).shape == (0, DIM)
    assert len(one.encode_texts([])) == 0
    assert len(server.asked) == 2


@pytest.mark.parametrize("how", ["shuffle", "base64"])
def test_other_orders_and_base64_are_understood(server: EmbeddingsServer, how: str) -> None:
    server.then = how
    np.testing.assert_allclose(encoder(server).encode(TEXTS), expected(TEXTS), atol=1e-6)


def test_requests_hold_128_texts_and_300_000_bytes_at_most(server: EmbeddingsServer) -> None:
    many = [f"text {at}" for at in range(130)]
    large = ["é" * 4_000 + str(at) for at in range(75)]
    np.testing.assert_allclose(encoder(server).encode(many), expected(many), atol=1e-6)
    np.testing.assert_allclose(encoder(server).encode(large), expected(large), atol=1e-6)
    assert [len(asked.texts) for asked in server.asked] == [128, 2, 37, 37, 1]
    sizes = [sum(len(text.encode()) for text in asked.texts) for asked in server.asked]
    assert max(sizes) <= 300_000


def test_the_key_is_in_no_log_and_no_repr(
    server: EmbeddingsServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    one = encoder(server, max_retries=1)
    server.plan = ["429", "", "401"]
    one.encode(TEXTS)
    with pytest.raises(InputError):
        one.encode(TEXTS)
    assert "HTTP Request" in caplog.text
    assert KEY not in caplog.text
    assert repr(one) == "<OpenAIEncoder embed-test at 127.0.0.1>"


def test_the_environment_sends_the_key_and_the_account_nowhere_else(
    server: EmbeddingsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with EmbeddingsServer(DIM) as other:
        monkeypatch.setenv("OPENAI_BASE_URL", other.url)
        monkeypatch.setenv("OPENAI_ORG_ID", "org-mine")
        monkeypatch.setenv("OPENAI_PROJECT_ID", "proj-mine")
        monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "Authorization: Bearer sk-another")
        monkeypatch.setenv("HTTP_PROXY", other.url)
        encoder(server).encode(TEXTS)
        assert other.asked == []
    (asked,) = server.asked
    assert asked.authorization == f"Bearer {KEY}"
    assert "org-mine" not in str(asked.headers)
    assert "proj-mine" not in str(asked.headers)


@pytest.mark.parametrize("proxy", ["socks4://me:secret@127.0.0.1", "http://127.0.0.1:secret"])
def test_a_proxy_that_cannot_be_used_is_told_unquoted(
    server: EmbeddingsServer, monkeypatch: pytest.MonkeyPatch, proxy: str
) -> None:
    monkeypatch.setenv("ALL_PROXY", proxy)
    one = encoder(server, base_url="https://127.0.0.1:9/v1")
    with pytest.raises(InputError, match="proxy") as caught:
        one.encode(TEXTS)
    assert "secret" not in everything_said(caught.value)


@pytest.mark.parametrize("text", ["", "  \n\t"])
def test_blank_texts_are_refused_before_anything_is_asked(
    server: EmbeddingsServer, text: str
) -> None:
    with pytest.raises(InputError, match="Text 2 of 3 is empty"):
        encoder(server).encode_texts(["a", text, "b"])
    with pytest.raises(InputError, match="Text 1 of 1 is empty"):
        encoder(server).encode_query(text)
    with pytest.raises(InputError, match=r"not valid Unicode: 'half \\ud83d'"):
        encoder(server).encode_texts(["half \ud83d"])
    assert server.asked == []


@pytest.mark.parametrize("key", ["", "  \n"])
def test_a_missing_key_says_where_one_is_given(server: EmbeddingsServer, key: str) -> None:
    with pytest.raises(InputError, match=r"OPENAI_API_KEY, or type the key"):
        encoder(server, key=key)


@pytest.mark.parametrize("key", ["sk-secret\n", "sk secret", "sk-secrét", "sk-secret\x00", "“sk”"])
def test_a_key_that_is_none_is_refused_unquoted(server: EmbeddingsServer, key: str) -> None:
    with pytest.raises(InputError, match="printable ASCII") as caught:
        encoder(server, key=key)
    assert "secr" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "sk-secret",
        "ftp://example.com/v1",
        "https://",
        "https://me:secret@example.com/v1",
        "https://example.com/v1?api_key=secret",
        "https://[::secret]/v1",
        "https://example.com:secret/v1",
        "https://exa\nmple.com/secret",
    ],
)
def test_an_address_that_is_none_is_refused_unquoted(server: EmbeddingsServer, url: str) -> None:
    with pytest.raises(InputError, match="address of the service cannot be used") as caught:
        encoder(server, base_url=url)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "host", ["example.com", "192.168.0.7", "0.0.0.0", "localhost.example.com", "127.0.0.1.nip.io"]
)
def test_the_key_goes_to_other_computers_by_https_only(server: EmbeddingsServer, host: str) -> None:
    with pytest.raises(InputError, match=f"The address of {host} begins with http"):
        encoder(server, base_url=f"http://{host}/v1")
    assert encoder(server, base_url=f"http://{host}/v1", plain_key=True).host == host
    assert encoder(server, base_url=f"http://{host}/v1", key="none").host == host
    assert encoder(server, base_url=f"https://{host}/v1").host == host


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]", "LOCALHOST"])
def test_this_computer_may_be_asked_by_http(server: EmbeddingsServer, host: str) -> None:
    assert encoder(server, base_url=f"http://{host}:8080/v1").host == host.lower().strip("[]")


def test_a_space_needs_a_size_and_a_model_a_name(server: EmbeddingsServer) -> None:
    with pytest.raises(InputError, match="0 numbers"):
        OpenAIEncoder(Space("a", "A", 0, (Modality.TEXT,)), model=MODEL, key=KEY)
    with pytest.raises(InputError, match="The model is “ ”"):
        encoder(server, model=" ")


def test_a_probe_finds_the_size_by_one_short_request(server: EmbeddingsServer) -> None:
    assert probe(MODEL, KEY, server.url) == DIM
    (asked,) = server.asked
    assert len(asked.texts) == 1
    server.then = "html"
    with pytest.raises(ServiceError, match="gave no vectors"):
        probe(MODEL, KEY, server.url)


@pytest.mark.parametrize("end", ["", "/", "/embeddings", "/embeddings/", "/models"])
def test_an_address_may_be_pasted_with_its_end(server: EmbeddingsServer, end: str) -> None:
    np.testing.assert_allclose(
        encoder(server, base_url=server.url + end).encode(TEXTS), expected(TEXTS), atol=1e-6
    )
    assert server.asked[0].path == "/v1/embeddings"
    assert str(read_address(server.url + end)) == server.url


def test_azures_version_goes_along_with_its_header(server: EmbeddingsServer) -> None:
    url = f"{server.url}/embeddings?api-version=2024-02-01"
    np.testing.assert_allclose(
        encoder(server, base_url=url).encode(TEXTS), expected(TEXTS), atol=1e-6
    )
    (asked,) = server.asked
    assert asked.path == "/v1/embeddings?api-version=2024-02-01"
    assert asked.headers["api-key"] == KEY
    assert str(read_address(url)) == f"{server.url}?api-version=2024-02-01"
    for wrong in ("api-version=a&key=secret", "api-version=a/b", "api_key=secret"):
        with pytest.raises(InputError, match="address of the service cannot be used") as caught:
            read_address(f"{server.url}?{wrong}")
        assert "secret" not in str(caught.value)


def test_fewer_dimensions_are_asked_for(server: EmbeddingsServer) -> None:
    assert probe(MODEL, KEY, server.url, dimensions=4) == 4
    assert probe(MODEL, KEY, server.url) == DIM
    assert [asked.dimensions for asked in server.asked] == [4, 0]


def test_a_service_lists_its_models(server: EmbeddingsServer) -> None:
    assert list_models(f"{server.url}/embeddings", KEY) == ["bge-m3", "embed-test"]
    assert server.asked[0].path == "/v1/models"
    with pytest.raises(InputError, match="does not accept the key"):
        list_models(server.url, "sk-wrong")
    server.models = []
    with pytest.raises(ServiceError, match="names no models"):
        list_models(server.url, KEY)
    with pytest.raises(InputError, match="begins with http"):
        list_models("http://192.168.0.7/v1", KEY)
