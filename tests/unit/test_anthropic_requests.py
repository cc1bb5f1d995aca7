"""What the `anthropic` backend sends, and what it never does."""

import threading
from collections.abc import Callable, Iterator

import pytest
from tests.support.messages_server import (
    MODEL,
    Connection,
    MessagesServer,
    answer,
    events,
    silence,
    stream_of,
)

from coopbench.agents.backends import anthropic_api, anthropic_options
from coopbench.agents.backends.anthropic_api import AnthropicBackend, make
from coopbench.agents.backends.model import Answer, CallFailed, FailureKind, Message, Request
from coopbench.agents.backends.volatile import volatile

KEY = "sk-test-0123456789"
FAR = 1e12
Opener = Callable[..., AnthropicBackend]


@pytest.fixture
def open_backend(monkeypatch: pytest.MonkeyPatch) -> Iterator[Opener]:
    """Return a function that opens a backend for a server; all are closed at the end."""
    opened: list[AnthropicBackend] = []
    monkeypatch.setenv("REQUEST_KEY", KEY)

    def opener(server: MessagesServer, **options: object) -> AnthropicBackend:
        table = {"type": "anthropic", "model": MODEL, "base_url": server.url, **options}
        opened.append(make("main", table))  # type: ignore[arg-type]
        return opened[-1]

    yield opener
    for backend in opened:
        backend.close()


HOSTED = {"profile": "hosted", "api_key_env": "REQUEST_KEY"}


def request(*texts: str, **changes: object) -> Request:
    """Return a request whose turns are the texts, the user's first."""
    messages = tuple(
        Message(role="assistant" if i % 2 else "user", text=text) for i, text in enumerate(texts)
    )
    return Request.model_validate(
        {
            "scope": "t",
            "role": "c",
            "step": "1",
            "system": "stable",
            "messages": messages,
            "max_tokens": 500,
            **changes,
        }
    )


def test_a_hosted_model_gets_no_sampling_no_tools_and_a_mark_on_the_stable_prefix(
    open_backend: Opener,
) -> None:
    """The whole body is as expected; nothing that newer hosted models refuse is in it."""
    with MessagesServer(answer()) as server:
        open_backend(server, **HOSTED).complete(request("a", effort="low"), FAR)
        (got,) = server.requests
    assert got.path == "/v1/messages"
    assert got.body == {
        "model": MODEL,
        "max_tokens": 500,
        "stream": False,
        "system": [
            {
                "type": "text",
                "text": "stable",
                "cache_control": {"type": "ephemeral", "ttl": "5m"},
            }
        ],
        "messages": [{"role": "user", "content": "a"}],
        "output_config": {"effort": "low"},
    }
    assert got.headers["authorization"] == f"Bearer {KEY}"
    assert got.headers["anthropic-version"]
    assert got.headers["accept-encoding"] == "identity"
    assert "x-api-key" not in got.headers


def test_a_local_server_gets_a_plain_prompt_and_its_sampling(open_backend: Opener) -> None:
    """No marks and no effort, but temperature and seed; and no key of anybody's."""
    with MessagesServer(answer()) as server:
        backend = open_backend(server, profile="llama.cpp", temperature=0.0, seed=1)
        backend.complete(request("a", effort="max"), FAR)
        (got,) = server.requests
    assert got.body == {
        "model": MODEL,
        "max_tokens": 500,
        "stream": False,
        "system": "stable",
        "messages": [{"role": "user", "content": "a"}],
        "temperature": 0.0,
        "seed": 1,
    }
    assert got.headers["authorization"] == "Bearer local"


def test_the_environments_credentials_headers_and_proxies_are_not_used(
    open_backend: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the SDK and the HTTP client would find on their own stays where it is."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-real-key")
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", "real-token")
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "http://127.0.0.1:1")
    headers = "Authorization: Bearer real\nx-api-key: real\nX-Corp: real\ncookie: real"
    monkeypatch.setenv("ANTHROPIC_CUSTOM_HEADERS", headers)
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    with MessagesServer(answer()) as server:
        outcome = open_backend(server).complete(request("a"), FAR)
        (got,) = server.requests
    assert isinstance(outcome, Answer)
    assert got.headers["authorization"] == "Bearer local"
    assert "real" not in str(got.headers)


def test_a_conversation_only_grows(open_backend: Opener) -> None:
    """The second request begins with the first one's system text and turns, byte for byte."""
    with MessagesServer(answer("b")) as server:
        backend = open_backend(server, **HOSTED)
        backend.complete(request("a"), FAR)
        backend.complete(request("a", "b", "c"), FAR)
        first, second = (r.body for r in server.requests)
    assert second["system"] == first["system"]
    assert second["messages"][:1] == first["messages"]
    assert [m["role"] for m in second["messages"]] == ["user", "assistant", "user"]


def test_an_answer_is_never_begun_for_the_model(open_backend: Opener) -> None:
    """A conversation that ends with the assistant's turn is not sent."""
    with MessagesServer(answer()) as server:
        outcome = open_backend(server, **HOSTED).complete(request("a", "b"), FAR)
        assert not server.requests
    assert isinstance(outcome, CallFailed)
    assert outcome.kind is FailureKind.INVALID_REQUEST
    assert "user's turn" in outcome.message


def test_volatile_parts_are_sent_as_they_are(open_backend: Opener) -> None:
    """The model reads the true text, without the marks around it."""
    with MessagesServer(answer()) as server:
        text = f"took {volatile('seconds', 1.5)} \ud800 s"
        open_backend(server).complete(request(text, system=volatile("cache", "32K")), FAR)
        (got,) = server.requests
    assert got.body["messages"][0]["content"] == "took 1.5 \ufffd s"
    assert got.body["system"] == "32K"


@pytest.mark.parametrize(
    ("ttl", "mark"), [("1h", {"type": "ephemeral", "ttl": "1h"}), ("off", None)]
)
def test_the_cache_lives_as_long_as_configured(
    open_backend: Opener, ttl: str, mark: dict[str, str] | None
) -> None:
    """`cache_ttl` shows in the mark, and in what unnamed cache writes count as."""
    usage = {"input_tokens": 1, "output_tokens": 1, "cache_creation_input_tokens": 9}
    with MessagesServer(answer(usage=usage)) as server:
        backend = open_backend(server, **HOSTED, cache_ttl=ttl)
        outcome = backend.complete(request("a"), FAR)
        system = server.requests[0].body["system"]
    assert isinstance(outcome, Answer)
    assert outcome.usage is not None
    assert backend.capabilities.caching == (mark is not None)
    if mark is None:
        assert system == "stable"
    else:
        assert system[0]["cache_control"] == mark
        assert outcome.usage.cache_write_1h_tokens == 9
        assert outcome.usage.cache_write_tokens == 0


def test_an_empty_system_text_is_left_out(open_backend: Opener) -> None:
    """Servers refuse empty blocks."""
    with MessagesServer(answer()) as server:
        open_backend(server, **HOSTED).complete(request("a", system=""), FAR)
        assert "system" not in server.requests[0].body


@pytest.mark.parametrize(
    ("stream", "tokens", "expected"),
    [(None, 500, False), (None, 50_000, True), (False, 50_000, False), (True, 500, True)],
)
def test_long_answers_come_as_a_stream(
    open_backend: Opener, stream: bool | None, tokens: int, expected: bool
) -> None:
    """By default long ones do; `stream` decides otherwise."""
    script = events(*stream_of(["hello"])) if expected else answer()
    with MessagesServer(script) as server:
        outcome = open_backend(server, stream=stream).complete(request("a", max_tokens=tokens), FAR)
        assert server.requests[0].body["stream"] is expected
    assert isinstance(outcome, Answer)
    assert outcome.text == "hello"


def test_threads_share_a_backend(open_backend: Opener) -> None:
    """Eight calls at once each get their own answer."""
    gate = threading.Barrier(8)

    def echo(connection: Connection) -> None:
        gate.wait(30)
        answer(connection.request.body["messages"][0]["content"])(connection)

    with MessagesServer(echo) as server:
        backend = open_backend(server)
        got: dict[int, Answer | CallFailed] = {}

        def ask(number: int) -> None:
            got[number] = backend.complete(request(f"n{number}"), FAR)

        threads = [threading.Thread(target=ask, args=(n,)) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert {n: a.text for n, a in got.items() if isinstance(a, Answer)} == {
        n: f"n{n}" for n in range(8)
    }


def test_closing_cuts_off_calls_in_progress(open_backend: Opener) -> None:
    """A call that another thread waits for ends as unavailable, and is not tried again."""
    begun = threading.Event()
    got: list[Answer | CallFailed] = []

    def stay_silent(connection: Connection) -> None:
        begun.set()
        silence(connection)

    with MessagesServer(stay_silent) as server:
        backend = open_backend(server)
        thread = threading.Thread(target=lambda: got.append(backend.complete(request("a"), FAR)))
        thread.start()
        assert begun.wait(30)
        backend.close()
        thread.join(30)
        assert len(server.requests) == 1
    (outcome,) = got
    assert isinstance(outcome, CallFailed)
    assert outcome.kind is FailureKind.UNAVAILABLE
    assert "closed" in outcome.message


def test_an_answer_says_where_it_came_from(
    open_backend: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another server is named with its port and kind, a model file without its folders."""
    with MessagesServer(answer(model="/home/me/m.gguf")) as server:
        host = server.url.removeprefix("http://")
        local = open_backend(server, model="/home/me/m.gguf", profile="llama.cpp")
        outcome = local.complete(request("a"), FAR)
        assert isinstance(outcome, Answer)
        assert outcome.provenance.text == f"server: m.gguf at {host} (llama.cpp)"
        assert outcome.model == local.model == "m.gguf"
        assert server.requests[0].body["model"] == "/home/me/m.gguf"
        monkeypatch.setattr(anthropic_options, "HOSTED_URL", server.url)
        monkeypatch.setattr(anthropic_api, "HOSTED_URL", server.url)
        hosted = open_backend(server, base_url=None, api_key_env="REQUEST_KEY")
        outcome = hosted.complete(request("a"), FAR)
    assert isinstance(outcome, Answer)
    assert outcome.provenance.text == f"api: {MODEL} at {host}"


def test_what_steers_a_search_passes_through(open_backend: Opener) -> None:
    """Only tapes replay measured values."""
    with MessagesServer(answer()) as server:
        assert open_backend(server).observe("s", "k", 1.5) == 1.5
