"""Calendar files as Google, Outlook and Apple write them, in the small."""

import re
from datetime import date, timedelta
from typing import Any

GOOGLE = """BEGIN:VCALENDAR
PRODID:-//Google Inc//Google Calendar 70.9054//EN
VERSION:2.0
CALSCALE:GREGORIAN
METHOD:PUBLISH
X-WR-CALNAME:Folgas
X-WR-TIMEZONE:America/Sao_Paulo
BEGIN:VEVENT
DTSTART;VALUE=DATE:20271224
DTEND;VALUE=DATE:20280102
DTSTAMP:20261001T120000Z
UID:4k2b7a@google.com
CREATED:20261001T115900Z
SEQUENCE:0
STATUS:CONFIRMED
SUMMARY:Férias coletivas\\, até o
  Ano Novo
TRANSP:OPAQUE
END:VEVENT
BEGIN:VEVENT
DTSTART;TZID=America/Sao_Paulo:20270906T130000
DTEND;TZID=America/Sao_Paulo:20270906T180000
RRULE:FREQ=MONTHLY;COUNT=3;BYDAY=1MO
EXDATE;TZID=America/Sao_Paulo:20271004T130000
DTSTAMP:20261001T120000Z
UID:weekly77@google.com
SUMMARY:Reunião
END:VEVENT
BEGIN:VEVENT
DTSTART;VALUE=DATE:20271112
DTEND;VALUE=DATE:20271113
DTSTAMP:20261001T120000Z
UID:birthday@google.com
SUMMARY:Aniversário
TRANSP:TRANSPARENT
END:VEVENT
END:VCALENDAR
"""

OUTLOOK = """BEGIN:VCALENDAR
PRODID:-//Microsoft Corporation//Outlook 16.0 MIMEDIR//EN
VERSION:2.0
METHOD:PUBLISH
BEGIN:VTIMEZONE
TZID:Eastern Standard Time
BEGIN:STANDARD
DTSTART:16011104T020000
RRULE:FREQ=YEARLY;BYDAY=1SU;BYMONTH=11
TZOFFSETFROM:-0400
TZOFFSETTO:-0500
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010311T020000
RRULE:FREQ=YEARLY;BYDAY=2SU;BYMONTH=3
TZOFFSETFROM:-0500
TZOFFSETTO:-0400
END:DAYLIGHT
END:VTIMEZONE
BEGIN:VTIMEZONE
TZID:Customized Time Zone
BEGIN:STANDARD
DTSTART:16010101T000000
TZOFFSETFROM:+0545
TZOFFSETTO:+0545
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
CLASS:PUBLIC
DTSTART;TZID="Eastern Standard Time":20270310T090000
DTEND;TZID="Eastern Standard Time":20270310T120000
RRULE:FREQ=WEEKLY;UNTIL=20270317T130000Z;BYDAY=WE
SUMMARY;LANGUAGE=en-us:Stocktaking
UID:040000008200E00074C5B7101A82E00800000000B0C1
TRANSP:OPAQUE
X-MICROSOFT-CDO-BUSYSTATUS:BUSY
BEGIN:VALARM
TRIGGER:-PT15M
ACTION:DISPLAY
DESCRIPTION:Reminder
END:VALARM
END:VEVENT
BEGIN:VEVENT
DTSTART;TZID=Customized Time Zone:20270401T120000
DTEND;TZID=Customized Time Zone:20270401T130000
SUMMARY:Kathmandu
UID:custom
END:VEVENT
END:VCALENDAR
"""

APPLE = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Apple Inc.//macOS 15.1//EN
CALSCALE:GREGORIAN
X-APPLE-CALENDAR-COLOR:#1BADF8
BEGIN:VTIMEZONE
TZID:Europe/Lisbon
BEGIN:DAYLIGHT
TZOFFSETFROM:+0000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
DTSTART:19970330T010000
TZNAME:WEST
TZOFFSETTO:+0100
END:DAYLIGHT
BEGIN:STANDARD
TZOFFSETFROM:+0100
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
DTSTART:19971026T020000
TZNAME:WET
TZOFFSETTO:+0000
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
DTSTART;TZID=Europe/Lisbon:20270325T100000
DURATION:PT2H
RRULE:FREQ=WEEKLY;COUNT=3
SUMMARY:Formação
UID:9F3C6A1E-52B1-4C5E-8A7C-0D1D0A7C0C11
X-APPLE-TRAVEL-ADVISORY-BEHAVIOR:AUTOMATIC
END:VEVENT
BEGIN:VEVENT
RECURRENCE-ID;TZID=Europe/Lisbon:20270401T100000
DTSTART;TZID=Europe/Lisbon:20270402T140000
DTEND;TZID=Europe/Lisbon:20270402T150000
SUMMARY:Formação (outra data)
UID:9F3C6A1E-52B1-4C5E-8A7C-0D1D0A7C0C11
SEQUENCE:1
END:VEVENT
BEGIN:VEVENT
RECURRENCE-ID;TZID=Europe/Lisbon:20270408T100000
DTSTART;TZID=Europe/Lisbon:20270408T100000
DTEND;TZID=Europe/Lisbon:20270408T120000
STATUS:CANCELLED
UID:9F3C6A1E-52B1-4C5E-8A7C-0D1D0A7C0C11
SEQUENCE:1
END:VEVENT
END:VCALENDAR
"""

# Days that a rule's weekday needs: the first Mondays, the second and the third Wednesday.
OF_WEEKDAYS = ("20270906", "20271004", "20270310", "20270317")


def of_year(text: str, year: int) -> str:
    """One of these calendars, whose year is 2027, as if it had been written in another."""

    def moved(found: re.Match[str]) -> str:
        on = found[0]
        if on not in OF_WEEKDAYS:
            return f"{int(on[:4]) + year - 2027}{on[4:]}"
        old = date.fromisoformat(on)
        first = old.replace(year=year, day=1)
        weeks = timedelta(weeks=(old.day - 1) // 7)
        return f"{first + timedelta(days=(old.weekday() - first.weekday()) % 7) + weeks:%Y%m%d}"

    return re.sub(r"\b202[678]\d{4}(?=T|$)", moved, text, flags=re.MULTILINE)


DAY = ("UID:a", "DTSTART;VALUE=DATE:20270401")
HOUR = ("UID:a", "DTSTART:20270401T100000Z", "DURATION:PT1H")


def calendar(*events: tuple[str, ...]) -> str:
    """A calendar of these events, each given by its lines."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//tests//EN"]
    for event in events:
        lines += ["BEGIN:VEVENT", *event, "END:VEVENT"]
    return "\r\n".join([*lines, "END:VCALENDAR", ""])


def as_sent(text: str) -> str:
    """With the ends of lines that RFC 5545 asks for."""
    return text.replace("\n", "\r\n")


def many(count: int, *more: str) -> str:
    """So many events, each with these lines besides."""
    return calendar(*((*HOUR[1:], f"UID:{number}", *more) for number in range(count)))


HOSTILE: dict[str, Any] = {
    "no calendar": "hello",
    "nothing": "",
    "an event without a calendar": "BEGIN:VEVENT\r\nEND:VEVENT\r\n",
    "no end": "BEGIN:VCALENDAR\r\n",
    "500 calendars inside each other": "BEGIN:VCALENDAR\r\n" * 500,
    "a megabyte of one line": "a" * 1_000_000,
    "a megabyte of garbage": "BEGIN:VCALENDAR\r\n" + "\x00;:=\r\n" * 170_000,
    "no DTSTART": calendar(("UID:a", "SUMMARY:x")),
    "a DTSTART that is none": calendar(("UID:a", "DTSTART:2027")),
    "two of them": calendar((*DAY, "DTSTART;VALUE=DATE:20270402")),
    "an end before its start": calendar((*DAY, "DTEND;VALUE=DATE:20270328")),
    "a date and an instant": calendar((*DAY, "DTEND:20270402T100000Z")),
    "an instant and a time without zone": calendar((*HOUR[:2], "DTEND:20270401T120000")),
    "a negative duration": calendar((*DAY, "DURATION:-P1D")),
    "an unknown zone": calendar(("UID:a", "DTSTART;TZID=Mars/Olympus:20270401T100000")),
    "the year 1": calendar(("UID:a", "DTSTART:00010101T100000Z", "RRULE:FREQ=DAILY")),
    "the year 9999": calendar(("UID:a", "DTSTART:99990101T100000Z")),
    "from 1990 until now": calendar(
        ("UID:a", "DTSTART:19900101T100000Z", "DTEND:20270101T100000Z")
    ),
    "every second": calendar((*HOUR, "RRULE:FREQ=SECONDLY")),
    "every hour": calendar((*HOUR, "RRULE:FREQ=HOURLY;COUNT=5")),
    "86,400 times a day": calendar(
        (*HOUR, f"RRULE:FREQ=DAILY;BYSECOND={','.join(map(str, range(60)))}")
    ),
    "an interval of 0": calendar((*HOUR, "RRULE:FREQ=DAILY;INTERVAL=0")),
    "a billion times": calendar((*HOUR, "RRULE:FREQ=DAILY;COUNT=1000000000")),
    "no frequency": calendar((*HOUR, "RRULE:COUNT=5")),
    "a rule that is none": calendar((*HOUR, "RRULE:FREQ=FORTNIGHTLY")),
    "two rules": calendar((*HOUR, "RRULE:FREQ=DAILY;COUNT=2", "RRULE:FREQ=WEEKLY;COUNT=2")),
    "30 February, for ever": many(2_000, "RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"),
    "another calendar of the year": "BEGIN:VCALENDAR\r\nCALSCALE:HEBREW\r\nEND:VCALENDAR\r\n",
}
