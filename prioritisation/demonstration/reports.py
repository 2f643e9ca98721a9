"""Two years of problem reports with believable patterns: seasons, storms, rush hours, slow districts."""

import math
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import numpy as np
import shapely

from engagement import services as engagement
from engagement.models import District, ReportService, User
from prioritisation.demonstration import content
from prioritisation.demonstration.clock import Clock

SEED = 311
CHANNELS = {"web": "web", "phone": "phone", "mobile": "web", "counter": "in_person"}


def recall(*, clock: Clock, staff: dict[str, list[User]], count: int, tell: Callable[[str], None]) -> None:
    """Brings the reports in as history, oldest first, a thousand at a time."""
    reports = sorted(_Generator(clock).reports(count), key=lambda report: report.received_at)
    by = staff["moderator"][0]
    for done in engagement.record_past_reports(reports=reports, by=by):
        if done % 5000 == 0:
            tell(f"  {done:,} of {count:,}")


class _Generator:
    """Draws reports from what is written in `content/reports.toml`, with one fixed seed."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.written = content.reports()
        self.draws = np.random.default_rng(SEED)
        self.districts = list(District.objects.order_by("code"))
        self.shapes = [shapely.geometry.shape(district.boundary) for district in self.districts]
        self.services = {service.code: service for service in ReportService.objects.all()}
        self.streets = {
            district.code: [
                street["name"] for street in self.written["streets"] if district.code in street["districts"]
            ]
            for district in self.districts
        }

    def reports(self, count: int) -> Iterator[engagement.PastReport]:
        texts = self.written["report_texts"]
        shares = np.array([text["share"] for text in texts])
        for text, number in zip(texts, self.draws.multinomial(count, shares / shares.sum()), strict=True):
            if text["service"] in self.services:
                yield from self._of_service(text, self.services[text["service"]], int(number))

    def _of_service(
        self, text: dict[str, Any], service: ReportService, number: int
    ) -> Iterator[engagement.PastReport]:
        days = self._days(text, number)
        hours = self._pick(self.written["hour_profiles"][text["hours"]], number)
        places = self._pick(
            [(one.population or 1) * text["districts"].get(one.code, 1) for one in self.districts], number
        )
        for day, hour, place in zip(days, hours, places, strict=True):
            yield self._report(text, service, int(day), int(hour), int(place))

    def _pick(self, weights: list[float], number: int) -> Any:
        share = np.array(weights, dtype=float)
        return self.draws.choice(len(share), size=number, p=share / share.sum())

    def _days(self, text: dict[str, Any], number: int) -> Any:
        """Days of the story: season, weekday, growth, and what the weather brought."""
        weekdays = self.written["weekday_profiles"][text["weekdays"]]
        weights = []
        shift = self._season_shift()
        for day in range(self.written["days"]):
            moment = self.clock.moment(day)
            weight = text["months"][moment.month - 1] * weekdays[moment.weekday()]
            weight *= 1 + self.written["yearly_growth"] * day / 365
            for event in self.written["events"]:
                if event["first_day"] <= day - shift <= event["last_day"]:
                    weight *= event["factors"].get(text["service"], 1)
            weights.append(weight)
        return self._pick(weights, number)

    def _season_shift(self) -> int:
        """Days by which the story's weather moves, so that storms fall in winter whenever today is."""
        begins = date.fromisoformat(content.city()["clock"]["first_day"])
        first = date.fromisoformat(self.clock.date(0))
        apart = (begins.replace(year=first.year) - first).days
        return (apart + 182) % 365 - 182

    def _report(
        self, text: dict[str, Any], service: ReportService, day: int, hour: int, place: int
    ) -> engagement.PastReport:
        district = self.districts[place]
        language = "fr" if self.draws.random() < self.written["french_share"] else "en"
        address = self._address(district, language)
        longitude, latitude = self._point(place)
        received = self.clock.at(day, hour=hour, minute=int(self.draws.integers(60)))
        days = self._days_to_close(text, district.code)
        closed = received + timedelta(days=days) if days is not None else None
        words = text[language]
        source = self.draws.choice(list(self.written["sources"]), p=list(self.written["sources"].values()))
        over = closed is not None and closed < self.clock.today
        return engagement.PastReport(
            service=service,
            description=str(words[int(self.draws.integers(len(words)))]).replace("{place}", address),
            language=language,
            place=engagement.Place(
                district=district, address=address, latitude=latitude, longitude=longitude
            ),
            received_at=received,
            channel=CHANNELS[str(source)],
            closed_at=closed if over else None,
            reason="fixed" if over else "",
        )

    def _address(self, district: District, language: str) -> str:
        names = self.streets[district.code] or [{"en": "Rowan Street", "fr": "rue du Sorbier"}]
        street = names[int(self.draws.integers(len(names)))]
        number = int(self.draws.integers(1, 900))
        return f"{number}, {street['fr']}" if language == "fr" else f"{number} {street['en']}"

    def _point(self, place: int) -> tuple[float, float]:
        """A point inside the district, to five digits (about a metre)."""
        shape = self.shapes[place]
        west, south, east, north = shape.bounds
        while True:
            x, y = self.draws.uniform(west, east), self.draws.uniform(south, north)
            if shapely.contains_xy(shape, x, y):
                return round(float(x), 5), round(float(y), 5)

    def _days_to_close(self, text: dict[str, Any], district: str) -> float | None:
        """A lognormal time with the written median and 90th percentile; None for those left open."""
        close = text["close"]
        if self.draws.random() < close["never"]:
            return None
        spread = math.log(close["p90_days"] / close["median_days"]) / 1.2816
        median = close["median_days"] * text.get("slower", {}).get(district, 1)
        return float(median * math.exp(spread * self.draws.standard_normal()))
