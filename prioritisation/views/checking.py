"""What a reader checks a list with: beside the last one chosen, what has no rank, what has no figure.

All of it from the frozen document, and no figure that the document holds back.
"""

from typing import Any

from engagement.localized import localized
from prioritisation import plan_documents
from prioritisation.plan_documents import Document, Entry
from prioritisation.views.wording import points


def beside_last_chosen(document: Document, entry: Entry) -> dict[str, Any] | None:
    """Why not this one? Its rank and points beside those of the last one that its rank brought in.

    None for what is in the plan, has no rank, or was joined with another; and where no rank brought any in.
    `above`: it ranked higher than that one, so its rank is not why. `close`: the points look the same.
    """
    last = plan_documents.last_chosen(document, entry)
    if last is None:
        return None
    return {
        "last": last,
        "above": entry["rank"] < last["rank"],
        "level": entry["rank"] == last["rank"],
        "close": bool(entry["score"] and last["score"])
        and entry["score"]["points"] == last["score"]["points"],
        "rows": [
            {
                "label": localized(one["label"]),
                "most": points(100 * one["weight"]),
                "own": _share(entry, one["key"]),
                "last": _share(last, one["key"]),
            }
            for one in document["policy"]["criteria"]
            if one["weight"] is not None
        ],
    }


def _share(entry: Entry, key: str) -> str:
    """Points that a criterion brought; empty where they are not published or nobody judged it."""
    found = (entry["score"] or {"criteria": {}})["criteria"].get(key)
    return "" if found is None else points(found)


def unranked(document: Document) -> list[dict[str, Any]]:
    """What the panel assessed and no place was given: the entry, and whether a condition was why.

    `unknown`: labels of criteria that nobody judged, where that was why.
    """
    labels = {one["key"]: localized(one["label"]) for one in document["policy"]["criteria"]}
    rows = (document.get("figures") or {}).get("initiatives", [])
    return [
        {
            "reference": row["reference"],
            "entry": plan_documents.find(document, row["reference"]),
            "by_condition": row["status"] == "gate",
            "unknown": [labels[key] for key, one in row["criteria"].items() if not one["number"]],
        }
        for row in rows
        if row["rank"] is None
    ]


def without_agreement(document: Document) -> list[str]:
    """Labels of the criteria that count and that no assessor judges: there is nothing to agree on."""
    figures = document.get("figures")
    if not figures or not (document.get("method") or {}).get("agreement"):
        return []
    return [
        localized(one["label"])
        for one in document["policy"]["criteria"]
        if one["weight"] is not None and one["key"] not in figures["assessed"]
    ]
