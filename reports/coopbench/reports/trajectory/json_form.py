"""A trajectory as one JSON document, for programs."""

import json
from typing import Any

from coopbench.reports.trajectory.events import mishap_of
from coopbench.reports.trajectory.story import Node, Story
from coopbench.reports.trajectory.totals import totals


def render_trajectory_json(story: Story) -> str:
    """Return tree, chain, totals, mishaps and all events, with sorted keys."""
    document = {
        "trial": {
            "id": story.trial_id,
            **story.key._asdict(),
            "finished": story.finished,
            "outcome": None if story.trial is None else story.trial.outcome.value,
            "winner": None if story.winner is None else story.winner.candidate,
        },
        "candidates": [_node(n) for n in story.nodes],
        "chain": [n.candidate for n in story.chain],
        "totals": [
            {
                **t.purpose.model_dump(mode="json"),
                "number": t.number,
                "amounts": t.amounts.model_dump(mode="json"),
            }
            for t in totals(story)
        ],
        "mishaps": [
            {"seq": e.seq, "agent": e.agent, "kind": mishap_of(e), "text": e.text}
            for e in story.mishaps
        ],
        "events": [e.model_dump(mode="json") for e in story.events],
    }
    return json.dumps(document, sort_keys=True, indent=1, allow_nan=False) + "\n"


def _node(node: Node) -> dict[str, Any]:
    return {
        "agent": node.agent,
        "candidate": node.candidate,
        "claim": node.claim,
        "cost": node.cost,
        "gain": node.gain,
        "level": None if node.level is None else node.level.value,
        "name": node.name,
        "parent": node.parent,
        "reason": node.reason,
        "seq": node.seq,
        "spent": node.spent.model_dump(mode="json"),
        "state": node.state,
        "step": node.step,
    }
