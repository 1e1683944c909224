"""Documents that are alike but for their names, with questions: quarterly reports, policies by country, manuals by model.

Everything is invented (``alike.toml``) and made anew from fixed seeds: twenty quarterly reports as PDF, laid out as such
reports are printed, that name their company on the first page, in a note and in the file's name and say "the Company"
elsewhere; twenty policies and ten manuals as Markdown. Each question belongs to one half: companies, countries and models of
the development half are not asked about in the test half, and no wording is used in both.
"""

from __future__ import annotations

import random
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

_TEXTS = Path(__file__).with_name("alike.toml")
_QUARTERS = ("first quarter", "second quarter", "third quarter", "fourth quarter")
_ORDINALS = ("first", "second", "third", "fourth")
_WIDTH, _HEIGHT, _MARGIN = 612, 792, 54
_SIZES = {0: 9.5, 1: 15, 2: 13, 3: 11.5, 4: 10.5}
_COLUMNS = (54, 350, 450)
_IN_QUARTER = 8
"""Questions asked of a report."""


@dataclass(frozen=True)
class Need:
    """What one part of a question asks for: a passage of one of ``sources`` that holds one of ``evidence``."""

    sources: frozenset[str]
    evidence: tuple[str, ...]


@dataclass(frozen=True)
class Asked:
    """A question, the kind of documents it is about, its half, and what answers it."""

    question: str
    kind: str
    half: str
    needs: tuple[Need, ...]


@dataclass(frozen=True)
class Report:
    """One quarterly report: its company, its fiscal quarter and the words to fill in."""

    company: Mapping[str, Any]
    year: int
    quarter: int
    words: Mapping[str, str] = field(hash=False)

    @property
    def file(self) -> str:
        """The file's name."""
        words = {**self.words, "year": str(self.year), "ticker_small": self.words["ticker"].lower()}
        return "quarterly/" + str(self.company["file"]).format(q=self.quarter, **words)


def write_documents(folder: Path) -> None:
    """Write every document under ``folder``."""
    for kind in ("quarterly", "policies", "manuals"):
        (folder / kind).mkdir(parents=True)
    for report in reports():
        told = _texts()["quarterly"]
        cover, body = ([_filled(b, report) for b in told[part]] for part in ("cover", "body"))
        words = report.words
        footer = f"{words['name']} | Q{report.quarter} {report.year} Form 10-Q" if report.company["footer"] else ""
        _write_pdf(folder / report.file, [cover, body], footer)
    for source, blocks in _markdown():
        (folder / source).write_text(_as_markdown(blocks), encoding="utf-8")


def questions() -> list[Asked]:
    """Every question, those of one kind together."""
    return [*_of_quarters(), *_of_policies(), *_of_manuals()]


def reports() -> list[Report]:
    """The twenty quarterly reports."""
    made = []
    for company in _texts()["quarterly"]["companies"]:
        for year, quarter in company["quarters"]:
            made.append(Report(company, year, quarter, _words(company, year, quarter)))
    return made


def _of_quarters() -> Iterator[Asked]:
    made = reports()
    asked = _texts()["quarterly"]["questions"]
    for report in made:
        draws = random.Random(f"asked {report.file}")
        own = [q for q in asked if q["half"] == report.company["half"]]
        others = [r for r in made if r.company["short"] == report.company["short"] and r.quarter != report.quarter]
        for question in draws.sample(own, _IN_QUARTER):
            other = draws.choice(others)
            after = [r.file for r in made if question.get("prior") and _follows(r, report)]
            evidence = question["evidence"]
            needs = [_need(evidence, report, after), *([_need(evidence, other, [])] if question.get("two") else [])]
            said = {"who": _who(report, draws), "when": _when(report, draws), "other": _when(other, draws)}
            yield Asked(_fill(question["ask"], {**report.words, **said}), "quarterly", question["half"], tuple(needs))


def _follows(later: Report, report: Report) -> bool:
    same = later.company["short"] == report.company["short"] and later.quarter == report.quarter
    return same and later.year == report.year + 1


def _need(evidence: Sequence[str], report: Report, also: Sequence[str]) -> Need:
    return Need(frozenset([report.file, *also]), tuple(_fill(e, report.words) for e in evidence))


def _who(report: Report, draws: random.Random) -> str:
    short = report.words["short"]
    return draws.choices([short, report.words["name"], report.words["ticker"]], [8, 1, 1])[0]


def _when(report: Report, draws: random.Random) -> str:
    year, q, nth = report.year, report.quarter, _ORDINALS[report.quarter - 1]
    if report.company["months"]:
        said = [f"Q{q} FY{year % 100}", f"the {nth} quarter of fiscal {year}", f"fiscal Q{q} {year}", f"Q{q} {year}"]
    else:
        end = report.words["end"]
        said = [f"Q{q} {year}", f"the {nth} quarter of {year}", f"{q}Q{year % 100}", f"{year} Q{q}"]
        said += [f"the quarter ended {end}", f"the {nth} quarter {year}"]
    return draws.choice(said)


@cache
def _texts() -> dict[str, Any]:
    return tomllib.loads(_TEXTS.read_text(encoding="utf-8"))


def _end(company: Mapping[str, Any], year: int, quarter: int) -> date:
    """The last day of a fiscal quarter; the fiscal year ends so many months before the calendar's."""
    month = 12 * year + 3 * quarter - company["months"]
    return date(month // 12, month % 12 + 1, 1) - timedelta(days=1)


def _day(day: date) -> str:
    return f"{day:%B} {day.day}, {day.year}"


def _words(company: Mapping[str, Any], year: int, quarter: int) -> dict[str, str]:
    told = _texts()["quarterly"]
    end = _end(company, year, quarter)
    draws = random.Random(f"words {company['short']} {year} {quarter}")
    fixed = random.Random(f"fixed {company['short']}")
    filed = end + timedelta(days=draws.randint(26, 38))
    now, before = _figures(company, year, quarter), _figures(company, year - 1, quarter)
    words = {**now, **{f"p.{k}": v for k, v in before.items()}}
    words |= {f"y.{k}": v for k, v in _figures(company, year - 1, 4).items()}
    change = round(100 * (_number(now["revenue"]) / _number(before["revenue"]) - 1))
    drivers = draws.sample(told["drivers"], 4)
    fiscal = "fiscal " if company["months"] else ""
    return words | {
        **{key: str(company[key]) for key in ("name", "short", "ticker", "state", "goods")},
        **{f"seg{n}": str(segment) for n, segment in enumerate(company["segments"], 1)},
        "name_upper": str(company["name"]).upper(),
        "commission": f"001-{fixed.randint(10000, 39999)}",
        "employer": f"{fixed.randint(10, 95)}-{fixed.randint(1000000, 9999999)}",
        "officer": fixed.choice(told["officers"]),
        "end": _day(end),
        "end_day": f"{end:%B} {end.day}",
        "day": end.strftime("%Y%m%d"),
        "end_year": str(end.year),
        "before_year": str(end.year - 1),
        "year_end": _day(_end(company, year - 1, 4)),
        "year": f"{fiscal}{year}",
        "year_before": f"{fiscal}{year - 1}",
        "quarter": _QUARTERS[quarter - 1],
        "filed": _day(filed),
        "declared": _day(filed - timedelta(days=3)),
        "plan_year": str(end.year - 1),
        "moved": "increased" if change >= 0 else "decreased",
        "change": str(abs(change)),
        **dict(zip(("driver", "driver1", "driver2", "driver3"), drivers, strict=True)),
    }


def _figures(company: Mapping[str, Any], year: int, quarter: int) -> dict[str, str]:
    """The figures of a quarter, the same wherever it is told of: in its own report or in a later one for comparison."""
    draws = random.Random(f"figures {company['short']} {year} {quarter}")
    fixed = random.Random(f"size {company['short']}")
    shares = fixed.randint(180_000, 900_000)
    mix = [fixed.uniform(0.8, 1.2) * part for part in (0.55, 0.3, 0.15)]
    revenue = company["scale"] * (1 + 0.06 * (year - 2022)) * draws.uniform(0.9, 1.12)
    parts = [round(revenue * part * draws.uniform(0.92, 1.08) / sum(mix)) for part in mix]
    total = sum(parts)
    cost = round(total * draws.uniform(0.5, 0.62))
    rd, sga = round(total * draws.uniform(0.07, 0.12)), round(total * draws.uniform(0.11, 0.16))
    restructuring, interest = draws.randint(6, 48), draws.randint(5, 30)
    operating = total - cost - rd - sga - restructuring
    rate = draws.uniform(13, 24)
    tax = round((operating - interest) * rate / 100)
    net = operating - interest - tax
    basic, dilutive = round(shares * draws.uniform(0.97, 1.0)), draws.randint(900, 4200)
    bought = [draws.randint(210, 980) for _ in range(3)]
    money: dict[str, float] = {f"seg{n}_revenue": part for n, part in enumerate(parts, 1)}
    money |= {f"seg{n}_income": round(part * draws.uniform(0.1, 0.3)) for n, part in enumerate(parts, 1)}
    money |= {"revenue": total, "cost": cost, "gross": total - cost, "rd": rd, "sga": sga, "operating": operating}
    money |= {"restructuring": restructuring, "opex": rd + sga + restructuring, "interest": interest, "net": net}
    money |= {"pretax": operating - interest, "tax": tax, "shares_basic": basic, "dilutive": dilutive}
    shares_of = {"cash": (0.5, 0.9), "securities": (0.2, 0.6), "receivables": (0.3, 0.5), "inventory": (0.15, 0.3)}
    shares_of |= {"plant": (0.9, 1.4), "goodwill": (0.5, 0.6), "payables": (0.3, 0.5), "deferred": (0.1, 0.3)}
    shares_of |= {"debt": (1.1, 1.6), "leases": (0.1, 0.2), "equity": (1.5, 2.1), "operating_cash": (0.18, 0.3)}
    shares_of |= {"capex": (0.04, 0.09), "buyback": (0.03, 0.08), "dividends_paid": (0.02, 0.04)}
    shares_of |= {"repaid": (0.02, 0.1), "notional": (0.3, 0.8), "remaining": (0.5, 1.5), "accrual": (0.01, 0.04)}
    shares_of |= {"rate_risk": (0.005, 0.02)}
    money |= {name: round(total * draws.uniform(*span)) for name, span in shares_of.items()}
    money |= {"liquid": money["cash"] + money["securities"], "bought": sum(bought)}
    money |= {f"bought{n}": many for n, many in enumerate(bought, 1)}
    money |= {"positions": draws.randint(2, 19) * 50}
    told = {name: f"{value:,.0f}" for name, value in money.items()}
    return told | {
        "outstanding": f"{basic * 1000 + draws.randint(0, 999):,}",
        "eps_basic": f"{net * 1000 / basic:.2f}",
        "eps": f"{net * 1000 / (basic + dilutive):.2f}",
        "dividend": f"{draws.randint(11, 64) / 100:.2f}",
        "tax_rate": f"{rate:.1f}",
        "margin": f"{100 * (total - cost) / total:.1f}",
        "rd_share": f"{100 * rd / total:.0f}",
        "sga_share": f"{100 * sga / total:.0f}",
        "seg1_share": f"{100 * parts[0] / total:.0f}",
        "customer": str(draws.randint(11, 27)),
        **{f"price{n}": f"{draws.uniform(40, 160):.2f}" for n in (1, 2, 3)},
    }


def _number(said: str) -> float:
    return float(said.replace(",", ""))


def _filled(block: str | Sequence[str], report: Report) -> str:
    """A block with its words filled in, in the house style of the company."""
    style: int = report.company["style"]
    return _fill(block if isinstance(block, str) else block[style], report.words)


def _fill(text: str, words: Mapping[str, str]) -> str:
    return re.sub(r"\{([\w.]+)\}", lambda found: words[found[1]], text)


def _of_policies() -> Iterator[Asked]:
    told = _texts()["policies"]
    for place in told["countries"]:
        words = _policy(place)
        for question in told["questions"]:
            if question["half"] == place["half"]:
                need = Need(
                    frozenset([_policy_file(question["of"], place)]),
                    tuple(_fill(e, words) for e in question["evidence"]),
                )
                yield Asked(_fill(question["ask"], words), "policies", question["half"], (need,))


def _policy_file(of: str, place: Mapping[str, str]) -> str:
    leave = f"policies/leave-policy-{place['code'].lower()}.md"
    return leave if of == "leave" else f"policies/Travel_Expenses_{place['country']}.md"


def _policy(place: Mapping[str, str]) -> dict[str, str]:
    draws = random.Random(f"policy {place['country']}")
    money = draws.choice(["EUR", "USD"])
    numbers = {"days": (20, 32), "carry": (3, 12), "certificate": (2, 5), "sick": (2, 26), "parental": (12, 60)}
    numbers |= {"parental_paid": (4, 11), "parental_notice": (4, 13), "bereavement": (2, 7), "moving": (1, 2)}
    numbers |= {"ask": (5, 30), "reply": (2, 9), "flight": (4, 8), "claim": (10, 60), "refund": (7, 45)}
    numbers |= {"advance_days": (3, 15)}
    amounts = {
        "meal": (18, 75),
        "hotel": (80, 190),
        "hotel_city": (191, 280),
        "receipt": (5, 50),
        "advance": (200, 900),
    }
    made = {name: str(draws.randint(*span)) for name, span in numbers.items()}
    made |= {name: f"{money} {draws.randint(*span)}" for name, span in amounts.items()}
    made |= {"km": f"{money} 0.{draws.randint(21, 69)}", "carry_until": draws.choice(["31 March", "30 June"])}
    return made | {"version": f"{draws.randint(1, 4)}.{draws.randint(0, 9)}", "country": place["country"]}


def _of_manuals() -> Iterator[Asked]:
    told = _texts()["manuals"]
    for device in told["models"]:
        words = _manual(device)
        for question in told["questions"]:
            if question["half"] == device["half"]:
                need = Need(frozenset([_manual_file(device)]), tuple(_fill(e, words) for e in question["evidence"]))
                yield Asked(_fill(question["ask"], words), "manuals", question["half"], (need,))


def _manual_file(device: Mapping[str, str]) -> str:
    return f"manuals/{re.sub(r'[- ]', '', device['model'])}_operating_instructions.md"


def _manual(device: Mapping[str, str]) -> dict[str, str]:
    draws = random.Random(f"manual {device['model']}")
    numbers = {"power": (25, 900), "head": (3, 45), "flow": (20, 190), "weight": (2, 24), "sound": (32, 61)}
    numbers |= {"fuse": (6, 20), "gap": (60, 350), "torque": (12, 55), "pipe": (20, 60), "hold": (3, 9)}
    numbers |= {"vent": (4, 25), "night": (30, 70), "temperature": (60, 110), "clean": (2, 14), "cool": (10, 50)}
    numbers |= {"warranty": (18, 60), "e1": (10, 29), "e2": (30, 49), "e3": (50, 69)}
    made = {name: str(draws.randint(*span)) for name, span in numbers.items()}
    model = device["model"]
    loose = model.lower().replace("-", draws.choice(["", " "])) if "-" in model else model.replace(" ", "")
    made |= {"seal": f"{draws.randint(15, 90) * 100:,}", "set": f"S-{draws.randint(100, 999)}"}
    return made | {"model": model, "model_loose": loose}


def _markdown() -> Iterator[tuple[str, list[str]]]:
    told = _texts()
    for place in told["policies"]["countries"]:
        for of in ("leave", "travel"):
            yield _policy_file(of, place), [_fill(b, _policy(place)) for b in told["policies"][of]]
    for device in told["manuals"]["models"]:
        yield _manual_file(device), [_fill(b, _manual(device)) for b in told["manuals"]["text"]]


def _as_markdown(blocks: Sequence[str]) -> str:
    lines: list[str] = []
    for n, block in enumerate(blocks):
        row, before = block.startswith("|"), n > 0 and blocks[n - 1].startswith("|")
        lines += [] if row and before else [""]
        lines.append(f"{block} |" if row else block)
        lines += ["|---|---|"] if row and not before else []
    return "\n".join(lines).strip() + "\n"


def _write_pdf(file: Path, chapters: Sequence[Sequence[str]], footer: str) -> None:
    """Pages of text and tables at fixed columns; each chapter begins a page, ``footer`` stands on all but the first."""
    from reportlab.lib.utils import simpleSplit
    from reportlab.pdfgen.canvas import Canvas

    canvas = Canvas(str(file), (_WIDTH, _HEIGHT), invariant=1)
    y, page = _HEIGHT - _MARGIN, 1

    def turn() -> None:
        nonlocal y, page
        canvas.setFont("Helvetica", 8)
        if page > 1:
            canvas.drawCentredString(_WIDTH / 2, 30, f"{footer} | {page}" if footer else str(page))
        canvas.showPage()
        y, page = _HEIGHT - _MARGIN, page + 1

    for chapter in chapters:
        for block in chapter:
            level = len(block) - len(block.lstrip("#")) if block.startswith("#") else 0
            font, size = "Helvetica-Bold" if level else "Helvetica", _SIZES[level]
            if block.startswith("|"):
                cells = [cell.strip() for cell in block[1:].split("|")]
                lines = [simpleSplit(cells[0], font, size, 280) or [""]]
            else:
                cells = []
                lines = [simpleSplit(block.lstrip("# "), font, size, _WIDTH - 2 * _MARGIN)]
            if y - (len(lines[0]) + 1) * size * 1.25 < _MARGIN:
                turn()
            y -= 0 if cells else size * 0.7
            for n, line in enumerate(lines[0]):
                y -= size * 1.25
                canvas.setFont(font, size)
                canvas.drawString(_COLUMNS[0], y, line)
                for x, cell in zip(_COLUMNS[1:], cells[1:] if n == 0 else [], strict=False):
                    canvas.drawRightString(x + 80, y, cell)
        turn()
    canvas.save()
