"""Residents' ballots on a shortlist, made up with a fixed seed and read from a file like any other."""

import random
from decimal import Decimal
from typing import Any

from engagement.models import User
from prioritisation import services
from prioritisation.demonstration import content
from prioritisation.demonstration.clock import Clock
from prioritisation.models import Initiative, Round

SEED = 412


def count(
    round: Round, initiatives: list[tuple[Initiative, dict[str, Any]]], *, by: User, clock: Clock, day: int
) -> None:
    """Reads the file and counts it; its result is published with the plan."""
    numbered = {written["n"]: initiative for initiative, written in initiatives}
    costs = services.shortlist(round)
    projects = []
    for one in content.ballots()["projects"]:
        reference = numbered[one["n"]].reference
        projects.append((reference, costs[reference], one["shares"]))
    file = services.read_ballots(
        round=round, name="ballots.pb", content=file_of(projects), by=by, at=clock.at(day)
    )
    services.count_ballots(
        file=file, budget=Decimal(content.ballots()["budget"]), by=by, at=clock.at(day, hour=14)
    )


def file_of(projects: list[tuple[str, str | None, dict[str, float]]]) -> bytes:
    """The file as the library's voting machine wrote it: two voted twice, one for what is not on the list."""
    written, draws = content.ballots(), random.Random(SEED)  # noqa: S311 - invented ballots, not secrets
    lines = ["META", "key;value", f"description;{written['description']}", f"budget;{written['budget']}"]
    lines += ["vote_type;approval", f"max_length;{written['most']}"]
    lines += [
        "PROJECTS",
        "project_id;cost",
        *(f"{reference};{cost}" for reference, cost, _shares in projects),
    ]
    lines += ["VOTES", "voter_id;vote"]
    voter = 0
    for side, voters in written["voters"].items():
        for _ in range(voters):
            voter += 1
            liked = [reference for reference, _cost, shares in projects if draws.random() < shares[side]]
            approved = draws.sample(liked, min(len(liked), written["most"]))
            lines.append(f"{voter};{','.join(sorted(approved))}")
    lines += [f"{twice};{projects[0][0]}" for twice in (17, 204)]
    lines.append(f"{voter + 1};PARKING")
    return "\n".join(lines).encode()
