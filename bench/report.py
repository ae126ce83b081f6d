"""What the benchmark found, as a page of Markdown."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path
from typing import Any

from bench.client import Result


@dataclasses.dataclass
class Size:
    """What one size of network gave."""

    items: int
    bulk_rate: float
    read_seconds: float
    fill_load: float
    floor: dict[int, Result] = dataclasses.field(default_factory=dict)
    acts: dict[tuple[str, str], dict[int, Result | None]] = dataclasses.field(default_factory=dict)
    deeds: dict[int, dict[str, float]] = dataclasses.field(default_factory=dict)
    memory: dict[str, tuple[int, int]] = dataclasses.field(default_factory=dict)
    lag: dict[str, list[float]] = dataclasses.field(default_factory=dict)


def write_report(path: Path, sizes: list[Size], machine: str) -> None:
    """Write the page, as far as the run has come."""
    lines = [
        "# Benchmarks",
        "",
        f"Written by `bin/bench` on {dt.datetime.now(dt.UTC):%Y-%m-%d %H:%M} UTC, as it came out. {machine}. SQLite, one machine,",
        "`parvis run`; the client, on the same cores, keeps connections and asks again as soon as it was answered.",
        "The floor is an empty Django view without middleware, session or database, served by the same program.",
        "Networks have 2,000 people, 200 communities and 10,000 tiny groups. Times in milliseconds.",
        "",
    ]
    for size in sizes:
        lines += [*_size(size), ""]
    if len(sizes) > 1:
        lines += _growth(sizes)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines).rstrip() + "\n")


def _size(size: Size) -> list[str]:
    floor = size.floor
    lines = [
        f"## {size.items:,} items",
        "",
        "| viewer | page | p50 (1) | p99 (1) | p50 (8) | p99 (8) | a second (8) | × floor (1) | KB |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
        _row("nobody", "floor", floor, floor),
    ]
    lines += [
        _row(viewer, act, results, floor) for (viewer, act), results in size.acts.items() if all(results.values())
    ]
    lines += [
        "",
        "| deeds | a second | p50 | p99 |",
        "| --- | ---: | ---: | ---: |",
        f"| in bulk (load {size.fill_load:.1f}) | {size.bulk_rate:,.0f} | | |",
    ]
    for writers, deeds in size.deeds.items():
        lines.append(
            f"| one by one, {writers} at a time | {deeds['rate']:,.0f} | {deeds['p50']:.1f} | {deeds['p99']:.1f} |"
        )
    lines += ["", f"All readers took the whole log in {size.read_seconds:,.0f} s. Memory, MB:", ""]
    lines += ["| process | RSS | PSS |", "| --- | ---: | ---: |"]
    lines += [f"| {name.split(' ', 1)[1]} | {rss} | {pss} |" for name, (rss, pss) in size.memory.items()]
    total = [sum(pair[n] for pair in size.memory.values()) for n in (0, 1)]
    lines += [f"| **all** | **{total[0]}** | **{total[1]}** |", ""]
    lines += ["| reader, while it runs | lag p50 | lag max |", "| --- | ---: | ---: |"]
    lines += [f"| {name} | {p50:.0f} | {worst:.0f} |" for name, (p50, worst) in size.lag.items()]
    return lines


def _row(viewer: str, act: str, results: dict[int, Any], floor: dict[int, Result]) -> str:
    one, eight = results[1], results[8]
    return (
        f"| {viewer} | {act} | {one.p50:.1f} | {one.p99:.1f} | {eight.p50:.1f} | {eight.p99:.1f} | {eight.rate:,.0f} "
        f"| {one.p50 / floor[1].p50:.1f} | {one.size / 1000:.1f} |"
    )


def _growth(sizes: list[Size]) -> list[str]:
    small, large = sizes[0], sizes[-1]
    lines = [
        f"## From {small.items:,} to {large.items:,} items",
        "",
        "| viewer | page | p50 (1), small | p50 (1), large | times |",
        "| --- | --- | ---: | ---: | ---: |",
    ]
    for key, results in large.acts.items():
        before, after = small.acts.get(key, {}).get(1), results.get(1)
        if before and after:
            lines.append(f"| {key[0]} | {key[1]} | {before.p50:.1f} | {after.p50:.1f} | {after.p50 / before.p50:.2f} |")
    return lines
