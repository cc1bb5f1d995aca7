"""What an `anthropic` table may say, and what each kind of server can do."""

import ipaddress
from dataclasses import dataclass
from typing import Annotated, Literal, Self
from urllib.parse import SplitResult, urlsplit

from pydantic import Field, model_validator

from coopbench.agents.backends.provider_errors import Endpoint
from coopbench.harness.base import Frozen

HOSTED_URL = "https://api.anthropic.com"
HOSTED_KEY = "ANTHROPIC_API_KEY"
USUAL_TIMEOUT_S = 600.0

ProfileName = Literal["hosted", "llama.cpp", "ollama", "vllm", "lmstudio", "compatible"]


@dataclass(frozen=True)
class Profile:
    """What a kind of server understands beyond a plain request.

    Attributes:
        caching: Keeps prefixes that are marked, and bills them apart.
        effort: Obeys `output_config.effort`.
        sampling: Takes a temperature and a seed; hosted models refuse them.
    """

    caching: bool = False
    effort: bool = False
    sampling: bool = True


PROFILES: dict[ProfileName, Profile] = {
    "hosted": Profile(caching=True, effort=True, sampling=False),
    "llama.cpp": Profile(),
    "ollama": Profile(),
    "vllm": Profile(),
    "lmstudio": Profile(),
    "compatible": Profile(),
}
"""None of the local servers is known to obey marks or effort, so those are not sent to them."""

VariableName = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]


class Options(Frozen):
    """An `anthropic` table."""

    type: Literal["anthropic"]
    model: str = Field(min_length=1, max_length=200)
    base_url: str | None = None
    """Of another server than the hosted one; without `/v1`."""
    api_key_env: VariableName | None = None
    """Name of the environment variable that holds the key; never the key itself."""
    profile: ProfileName | None = None
    """Default: `hosted` without a `base_url`, else `compatible`."""
    temperature: float | None = Field(default=None, ge=0, le=2)
    seed: int | None = None
    stream: bool | None = None
    """Whether to let the answer come in pieces; default: long ones only."""
    cache_ttl: Literal["5m", "1h", "off"] = "5m"
    """How long the stable prefix stays in the cache, where there is one."""
    timeout_s: float = Field(default=USUAL_TIMEOUT_S, gt=0, le=86_400)
    """Most seconds of one attempt."""
    max_retries: int = Field(default=4, ge=0, le=20)
    """Most attempts after the first."""

    @property
    def profile_name(self) -> ProfileName:
        """The kind of server."""
        return self.profile or ("compatible" if self.base_url else "hosted")

    @property
    def abilities(self) -> Profile:
        """What the server can do."""
        return PROFILES[self.profile_name]

    @property
    def url(self) -> str:
        """Where requests go."""
        return (self.base_url or HOSTED_URL).rstrip("/")

    @property
    def local(self) -> bool:
        """Whether the server is on this machine."""
        name = self._parts.hostname or ""
        try:
            return name == "localhost" or ipaddress.ip_address(name).is_loopback
        except ValueError:
            return False

    @property
    def key_variable(self) -> str | None:
        """Environment variable that holds the key, None if none is needed."""
        return self.api_key_env or (HOSTED_KEY if self.profile_name == "hosted" else None)

    @property
    def endpoint(self) -> Endpoint:
        """Whom to name in messages; a model that is named by its file loses its folders."""
        parts = self._parts
        host = parts.hostname or ""
        host = f"[{host}]" if ":" in host else host
        name = self.model.replace("\\", "/")
        absolute = name.startswith(("/", "~", "./", "../")) or name[1:3] == ":/"
        return Endpoint(
            model=name.rsplit("/", 1)[-1] if absolute else self.model,
            host=f"{host}:{parts.port}" if parts.port else host,
            key_variable=self.key_variable or "",
        )

    @property
    def _parts(self) -> SplitResult:
        return urlsplit(self.url)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.base_url is not None:
            _check_url(self.base_url)
        if not self.abilities.sampling and (self.temperature, self.seed) != (None, None):
            raise ValueError(
                f"profile {self.profile_name!r} takes no temperature and no seed; leave them out"
            )
        return self


def _check_url(url: str) -> None:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise ValueError("base_url is no address; give one like http://127.0.0.1:8080")
    if parts.username is not None or parts.password is not None:
        raise ValueError("base_url holds credentials; put the key into a variable (api_key_env)")
    if parts.query or parts.fragment:
        raise ValueError("base_url has a query or a fragment; leave it off")
    if parts.path.rstrip("/").endswith(("/v1", "/v1/messages")):
        raise ValueError("base_url ends in /v1; leave that off, it is added")
