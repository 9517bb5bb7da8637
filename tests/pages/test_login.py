"""Where secrets.toml names a provider of logins, nobody sees a page without having logged in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.ui.session import login
from tests.support.app_page import APP

AUTH = {
    "redirect_uri": "http://localhost:8501/oauth2callback",
    "cookie_secret": "x",
    "client_id": "a",
    "client_secret": "b",
    "server_metadata_url": "http://localhost:1/.well-known/openid-configuration",
}


def opened(secrets: dict[str, Any], page_name: str = "storage") -> AppTest:
    page = AppTest.from_file(APP, default_timeout=120)
    page.secrets.update(secrets)
    page.run()
    page.switch_page(f"pages/{page_name}.py")
    page.run()
    assert not page.exception
    return page


@pytest.fixture
def user(monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """Who comes; nobody has logged in."""
    known: dict[str, object] = {"is_logged_in": False}
    monkeypatch.setattr(login, "_user", lambda: known)
    return known


@pytest.fixture
def authlib(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(login, "find_spec", lambda name: name == "authlib" or None)


def labels(page: AppTest) -> list[str]:
    return [one.label for one in page.button]


def test_without_a_provider_everybody_enters(user: dict[str, object]) -> None:
    assert opened({}).title[0].value == "Storage"
    assert opened({"other": {"a": "b"}}).title[0].value == "Storage"


@pytest.mark.usefixtures("user", "authlib")
@pytest.mark.parametrize("page_name", ["home", "words", "storage", "graph"])
def test_who_has_not_logged_in_sees_the_way_in_and_nothing_else(page_name: str) -> None:
    page = opened({"auth": AUTH}, page_name)
    assert labels(page) == ["Log in"]
    assert [one.value for one in page.title] == ["Embedding Explorer"]
    assert not page.caption
    assert not page.dataframe
    page = opened({"auth": {**AUTH, "google": {"client_id": "c"}, "<b>": {"client_id": "d"}}})
    assert labels(page) == ["Log in with google", "Log in with \\<b\\>"]


def test_who_has_logged_in_enters_and_can_leave(user: dict[str, object]) -> None:
    user |= {"is_logged_in": True, "email": "ann@example.org"}
    page = opened({"auth": AUTH})
    assert page.title[0].value == "Storage"
    assert "Log out" in [one.label for one in page.sidebar.button]


@pytest.mark.parametrize(
    ("known", "enters"),
    [
        ({"email": "ann@example.org"}, True),
        ({"email": "ann@example.org", "email_verified": True}, True),
        ({"email": "ann@example.org", "email_verified": False}, False),
        ({"email": "bob@example.org"}, False),
        ({}, False),
        ({"email": None}, False),
    ],
)
def test_a_list_says_who_of_a_provider_s_accounts_enters(
    user: dict[str, object], known: dict[str, object], enters: bool
) -> None:
    user |= {"is_logged_in": True, **known}
    page = opened({"auth": AUTH, "access": {"emails": ["ann@example.org"]}})
    assert bool(page.title) is enters
    if not enters:
        assert "may not enter here" in page.error[0].value
        assert "Log out" in labels(page)
    user["is_logged_in"] = False
    assert not opened({"auth": AUTH, "access": {"emails": ["ann@example.org"]}}).caption


@pytest.mark.usefixtures("user")
def test_a_missing_package_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(login, "find_spec", lambda name: None)
    page = opened({"auth": AUTH})
    assert "needs the package Authlib" in page.error[0].value
    assert not page.button


def test_secrets_that_cannot_be_read_let_nobody_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "secrets.toml"
    broken.write_text("[auth\n")
    option = st.get_option
    monkeypatch.setattr(
        st, "get_option", lambda name: [str(broken)] if name == "secrets.files" else option(name)
    )
    page = opened({})
    assert "cannot be read, so nobody can log in" in page.error[0].value
    assert not page.title
