"""When people are there: opening hours, holidays, the next opening, and times that pass only while open.

Pure: every method is told the time, in Unix seconds; answers are in the company's time zone.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from assistant.decision.policy import Contact
from assistant.decision.policy import Duty as Hours

_FAR_DAYS = 400
_WEEKDAYS = {"ja": "月火水木金土日", "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")}


class Duty:
    """Answers from the policy's ``[duty]`` and ``[contact]`` tables."""

    def __init__(self, hours: Hours, contact: Contact) -> None:
        self._hours, self._contact = hours, contact
        self._zone = ZoneInfo(hours.time_zone)
        self._holidays = frozenset(hours.holidays)

    def open(self, now: float) -> bool:
        """Tell whether this is within the opening hours."""
        return any(start <= now < end for start, end in self._spans(now, days=1))

    def opens(self, now: float) -> float | None:
        """Give when people are there next: ``now`` if they are, None if they never are."""
        return next((max(start, now) for start, end in self._spans(now) if end > now), None)

    def after(self, now: float, seconds: float) -> float:
        """Give when that many seconds of opening time will have passed; without any hours they pass at once."""
        for start, end in self._spans(now):
            begin = max(start, now)
            if end <= now:
                continue
            if begin + seconds <= end:
                return begin + seconds
            seconds -= end - begin
        return now + seconds

    def windows(self, now: float, most: int = 4) -> list[tuple[float, float]]:
        """Give the next call-back windows on working days, soonest first, none that starts too soon."""
        lead = now + self._contact.callback_lead_min * 60
        found: list[tuple[float, float]] = []
        for day in self._days(now):
            if self._spans_of(day):
                spans = (self._span(day, span) for span in self._contact.callback_windows)
                found += [(start, end) for start, end in spans if start >= lead]
            if len(found) >= most:
                break
        return found[:most]

    def email_by(self, now: float) -> float:
        """Give by when an e-mail is answered: that many hours, counted from the next time somebody is there."""
        return (self.opens(now) or now) + self._contact.email_reply_h * 3600

    def say(self, at: float, language: str) -> str:
        """Write a moment for people: ``11月24日(火) 9:00`` or ``Tue 24 Nov, 9:00``."""
        then = datetime.fromtimestamp(at, UTC).astimezone(self._zone)
        weekday = _WEEKDAYS.get(language, _WEEKDAYS["en"])[then.weekday()]
        if language == "ja":
            return f"{then.month}月{then.day}日({weekday}) {then.hour}:{then.minute:02}"
        return f"{weekday} {then.day} {then:%b}, {then.hour}:{then.minute:02}"

    def say_window(self, start: float, end: float, language: str) -> str:
        """Write a window for people: ``11月24日(火) 9:00〜12:00``."""
        then = datetime.fromtimestamp(end, UTC).astimezone(self._zone)
        dash = "〜" if language == "ja" else "–"
        return f"{self.say(start, language)}{dash}{then.hour}:{then.minute:02}"

    def _days(self, now: float, days: int = _FAR_DAYS) -> Iterator[date]:
        today = datetime.fromtimestamp(now, UTC).astimezone(self._zone).date()
        return (today + timedelta(days=n) for n in range(days))

    def _spans(self, now: float, days: int = _FAR_DAYS) -> Iterator[tuple[float, float]]:
        for day in self._days(now, days):
            for span in self._spans_of(day):
                yield self._span(day, span)

    def _spans_of(self, day: date) -> list[str]:
        return [] if day in self._holidays else sorted(self._hours.hours(day.weekday()))

    def _span(self, day: date, span: str) -> tuple[float, float]:
        start, end = (self._moment(day, text) for text in span.split("-"))
        return start, end

    def _moment(self, day: date, clock: str) -> float:
        hour, minute = map(int, clock.split(":"))
        midnight = datetime.combine(day + timedelta(days=hour // 24), time(), self._zone)
        return midnight.replace(hour=hour % 24, minute=minute).timestamp()
