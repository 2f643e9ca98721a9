"""Counted ballots as a .pb file, for whoever wants to count them again with other programs."""

import csv
import io
from collections.abc import Mapping
from typing import Any

from prioritisation.scoring import voting


def write(inputs: Mapping[str, Any], title: str) -> str:
    """The text of a .pb file. Voters are numbered anew, in the order of their ballots: 1, 2, 3."""
    references = [one["reference"] for one in inputs["projects"]]
    number = {reference: index for index, reference in enumerate(references)}
    ballots = inputs["ballots"]
    votes = voting.votes(
        len(references),
        {frozenset(number[one] for one in ballot["approved"]): ballot["voters"] for ballot in ballots},
    )
    out = io.StringIO(newline="")
    lines = csv.writer(out, delimiter=";", lineterminator="\n")
    meta = [
        ("key", "value"),
        ("description", " ".join(title.split())),
        ("num_projects", len(references)),
        ("num_votes", sum(ballot["voters"] for ballot in ballots)),
        ("budget", inputs["budget"]),
        ("vote_type", "approval"),
        ("rule", "greedy and equalshares/add1"),
    ]
    lines.writerows([("META",), *meta, ("PROJECTS",), ("project_id", "cost", "votes")])
    for project, found in zip(inputs["projects"], votes, strict=True):
        lines.writerow((project["reference"], project["cost"], found))
    lines.writerows([("VOTES",), ("voter_id", "vote")])
    voter = 0
    for ballot in ballots:
        for _ in range(ballot["voters"]):
            voter += 1
            lines.writerow((voter, ",".join(ballot["approved"])))
    return out.getvalue()
