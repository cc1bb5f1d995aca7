"""Answers of the Messages API that come as a stream of events, put together and checked."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from coopbench.agents.backends.messages_reply import MessageReply, check_message, malformed
from coopbench.agents.backends.retry import Failure


@dataclass
class MessageStream:
    """Puts an answer together from events.

    Feed it every event, then `finish`. An error event is not fed: `failure_of` knows what it
    means.
    """

    hour_cache: bool = False
    _message: dict[str, object] | None = None
    _blocks: dict[int, dict[str, object]] = field(default_factory=dict)
    _texts: dict[int, list[str]] = field(default_factory=dict)
    _usage: dict[str, object] = field(default_factory=dict)
    _ended: bool = False

    @property
    def begun(self) -> bool:
        """Whether the model began to answer, so that it may be billed."""
        return self._message is not None

    @property
    def ended(self) -> bool:
        """Whether the last event was seen."""
        return self._ended

    def feed(self, kind: str, data: Mapping[str, object]) -> Failure | None:
        """Take an event; what is wrong with it if anything is."""
        match kind:
            case "message_start":
                message = data.get("message")
                if not isinstance(message, dict):
                    return malformed("a stream begins without a message")
                self._message = dict(message)
                self._count_usage(message.get("usage"))
            case "content_block_start" | "content_block_delta":
                return self._block(kind, data)
            case "message_delta":
                return self._delta(data)
            case "message_stop":
                self._ended = True
        return None

    def finish(self) -> MessageReply | Failure:
        """Return the answer once the stream is over."""
        if self._message is None or not self._ended:
            return malformed("the stream was cut off before its end")
        content = [
            {**block, "text": "".join(self._texts[index])} if block.get("type") == "text" else block
            for index, block in sorted(self._blocks.items())
        ]
        message = {**self._message, "content": content, "usage": self._usage}
        return check_message(message, hour_cache=self.hour_cache)

    def _block(self, kind: str, data: Mapping[str, object]) -> Failure | None:
        index, block = data.get("index"), data.get("content_block")
        if not isinstance(index, int):
            return malformed("a block of the stream has no index")
        if kind == "content_block_start":
            if not isinstance(block, dict) or index in self._blocks:
                return malformed("a block of the stream begins twice, or is none")
            first = block.get("text")
            self._blocks[index] = block
            self._texts[index] = [first] if isinstance(first, str) else []
            return None
        delta = data.get("delta")
        if not isinstance(delta, dict) or index not in self._blocks:
            return malformed("a piece of a block that did not begin")
        if delta.get("type") == "text_delta":
            piece = delta.get("text")
            if not isinstance(piece, str):
                return malformed("a piece of text without text")
            self._texts[index].append(piece)
        return None

    def _delta(self, data: Mapping[str, object]) -> Failure | None:
        delta = data.get("delta")
        if self._message is None or not isinstance(delta, dict):
            return malformed("a stream ends before it begins")
        for key in ("stop_reason", "stop_details"):
            if delta.get(key) is not None:
                self._message[key] = delta[key]
        self._count_usage(data.get("usage"))
        return None

    def _count_usage(self, usage: object) -> None:
        # Counts are cumulative: later ones replace earlier ones, null ones say nothing.
        if isinstance(usage, dict):
            self._usage.update({k: v for k, v in usage.items() if v is not None})
