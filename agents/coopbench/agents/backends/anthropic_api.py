"""Hosted Claude models, or any server that speaks the Messages API, through the official SDK.

Options of a table with `type = "anthropic"`:

- `model`: the model to ask for (required).
- `base_url`: another server than the hosted one, e.g. `http://127.0.0.1:8080`; without `/v1`.
- `profile`: what kind of server that is: `llama.cpp`, `ollama`, `vllm`, `lmstudio`, `compatible`
  (default with a `base_url`), or `hosted` (default without).
- `api_key_env`: name of the environment variable with the key; default for the hosted server:
  `ANTHROPIC_API_KEY`; others get no key unless one is named.
- `temperature`, `seed`: for other servers only; hosted models take neither.
- `stream`: whether answers come in pieces; default: long ones only.
- `cache_ttl`: `5m` (default), `1h` or `off`, for servers that keep prefixes.
- `timeout_s`: most seconds of one attempt; `max_retries`: most attempts after the first.

Everything that is sent follows from the table: the SDK's other sources (credentials and headers
in the environment, profiles on the disk) are not used. The SDK is imported when the first request
is made.
"""

import concurrent.futures
import importlib.util
import os
import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from coopbench.agents.backends.anthropic_options import HOSTED_URL, USUAL_TIMEOUT_S, Options
from coopbench.agents.backends.anthropic_sdk import exchange, open_client
from coopbench.agents.backends.loop_thread import GRACE_S, LoopThread
from coopbench.agents.backends.messages_reply import MessageReply
from coopbench.agents.backends.model import (
    Answer,
    CallFailed,
    Capabilities,
    FailureKind,
    Provenance,
    Request,
)
from coopbench.agents.backends.prices import PriceList
from coopbench.agents.backends.provider import Table, read_options
from coopbench.agents.backends.retry import Failure, RetryPolicy, call_with_retries, one_line
from coopbench.harness.errors import UsageError

if TYPE_CHECKING:
    import anthropic


class AnthropicBackend:
    """Asks a server of the Messages API.

    Args:
        name: As configured.
        options: Which server and model, and how.
        policy: How to try again; default: as the options say.

    Raises:
        UsageError: if the SDK or the key is missing.
    """

    def __init__(self, name: str, options: Options, policy: RetryPolicy | None = None) -> None:
        missing = _missing(name, options)
        if missing is not None:
            raise UsageError(missing)
        self.name = name
        self.model = options.endpoint.model
        self.capabilities = Capabilities(
            usage=True,
            effort=options.abilities.effort,
            caching=options.abilities.caching and options.cache_ttl != "off",
            offline=options.local,
            patience_s=options.timeout_s if options.timeout_s > USUAL_TIMEOUT_S else None,
        )
        self._options = options
        self._policy = policy or RetryPolicy(retries=options.max_retries)
        # Passed on always: without a key the SDK would look for the user's own credentials.
        self._key = os.environ[options.key_variable].strip() if options.key_variable else "local"
        self._lock = threading.Lock()
        self._loop: LoopThread | None = None
        self._client: anthropic.AsyncAnthropic | None = None

    def complete(self, request: Request, deadline: float) -> Answer | CallFailed:
        """Ask, and try again where that makes sense."""
        endpoint = self._options.endpoint
        name = f"backend {self.name!r} ({endpoint.model} at {endpoint.host})"
        if request.messages[-1].role != "user":
            return CallFailed(
                kind=FailureKind.INVALID_REQUEST,
                message=f"{name}: a conversation must end with the user's turn",
            )
        loop, client = self._open()
        return call_with_retries(
            lambda until: self._attempt(loop, client, request, until), deadline, self._policy, name
        )

    def observe(self, scope: str, key: str, value: float | None) -> float | None:  # noqa: ARG002
        """Return the value."""
        return value

    def close(self) -> None:
        """Close connections and end the thread; calls in progress are cut off."""
        with self._lock:
            loop, client, self._loop, self._client = self._loop, self._client, None, None
        if loop is None or client is None:
            return
        try:
            loop.run(client.close, GRACE_S)
        except (TimeoutError, OSError):
            pass  # the connections die with the loop
        finally:
            loop.close()

    def _open(self) -> "tuple[LoopThread, anthropic.AsyncAnthropic]":
        with self._lock:
            if self._loop is None or self._client is None:
                self._client = open_client(self._options, self._key)
                self._loop = LoopThread(f"backend {self.name}")
            return self._loop, self._client

    def _attempt(
        self,
        loop: LoopThread,
        client: "anthropic.AsyncAnthropic",
        request: Request,
        deadline: float,
    ) -> Answer | Failure:
        seconds = max(0.001, min(self._options.timeout_s, deadline - time.monotonic()))
        try:
            reply = loop.run(lambda: exchange(client, self._options, request, seconds), seconds)
        except TimeoutError:
            reply = Failure(
                FailureKind.TIMEOUT,
                f"no whole answer within {seconds:.1f} s",
                "allow more time (`timeout_s`, or the budget's wall time)",
                "yes",
                maybe_billed=True,
            )
        except (concurrent.futures.CancelledError, RuntimeError) as e:
            what = one_line(f"the backend was closed: {e}").rstrip(": ")
            reply = Failure(FailureKind.UNAVAILABLE, what, maybe_billed=True)
        if isinstance(reply, Failure):
            return replace(reply, detail=self._without_key(reply.detail))
        return self._answer(reply)

    def _answer(self, reply: MessageReply) -> Answer:
        options = self._options
        hosted = options.url == HOSTED_URL
        where = f"{options.endpoint.model} at {options.endpoint.host}"
        # Local servers call models by file names; the configured name is the one that has a price.
        model = (reply.model if options.profile_name == "hosted" else "") or self.model
        return Answer(
            text=reply.text,
            stop=reply.stop,
            usage=reply.usage,
            model=model,
            provenance=Provenance(
                kind="api" if hosted else "server",
                detail=where if hosted else f"{where} ({options.profile_name})",
            ),
            detail=reply.detail,
        )

    def _without_key(self, text: str) -> str:
        return text.replace(self._key, "[key]") if self._options.key_variable else text


def make(name: str, table: Table) -> AnthropicBackend:
    """Return the backend of a table (see `provider.Provider`)."""
    return AnthropicBackend(name, read_options(Options, name, table))


def check(name: str, table: Table) -> str | None:
    """Return why it cannot be used here, None if it can (see `provider.Provider`)."""
    try:
        return _missing(name, read_options(Options, name, table))
    except UsageError as e:
        return str(e)


def describe(name: str, table: Table, prices: PriceList) -> str:
    """Return one line: the server that will be asked, the model, and what it costs.

    Raises:
        UsageError: if the table is wrong.
    """
    options = read_options(Options, name, table)
    row = prices.row(options.endpoint.model)
    cost = row.text if row else "price unknown: no row in the price file"
    endpoint = options.endpoint
    return f"{name}: {endpoint.model} at {endpoint.host} ({options.profile_name}); {cost}"


def _missing(name: str, options: Options) -> str | None:
    if importlib.util.find_spec("anthropic") is None:
        return f"backend {name!r} needs the Anthropic SDK: pip install 'coopbench[anthropic]'"
    variable = options.key_variable
    if variable and not os.environ.get(variable, "").strip():
        return (
            f"backend {name!r}: the environment variable {variable} is not set; put the key for "
            f"{options.endpoint.host} there, or name another variable in `api_key_env`"
        )
    return None
