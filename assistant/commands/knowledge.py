"""``ingest``, ``search``, ``ask`` and ``check``: the content team's commands."""

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TextIO

from tqdm import tqdm

from assistant.commands.company import Company, fresh_index, load_company
from assistant.decision.decide import Decision, Progress, decide, regrade
from assistant.errors import BadRequest
from assistant.ingestion.ingest import Report
from assistant.ingestion.lint import lint
from assistant.knowledge import Evidence
from assistant.reply.compose import Reply, Request
from assistant.reply.urgent import urgent_step
from assistant.settings import Settings
from assistant.understanding.language import detect
from assistant.understanding.reading import Reading


def add_folders(parser: argparse.ArgumentParser) -> None:
    """Add the two options that every command on knowledge takes."""
    parser.add_argument("--knowledge", metavar="DIR", help="the knowledge folder (default: ./knowledge)")
    parser.add_argument("--index", metavar="DIR", help="where the index is kept (default: ./.omotenashi/index)")


def add_commands(commands: Any) -> None:
    """Add this module's commands to the parser."""
    parser = commands.add_parser("ingest", help="read the pages and bring the index up to date",
                                 description="Reads pages/ (md, html, pdf, docx, xlsx, csv), embeds what changed, "
                                             "swaps the index whole and prints a report.")
    add_folders(parser)
    parser.add_argument("--json", action="store_true", help="print the report as one JSON object")
    parser.set_defaults(run=run_ingest)

    parser = commands.add_parser("search", help="find passages for questions",
                                 description="Prints the best passages for a question, or for every line "
                                             '{"id","text"} of a JSON lines file.')
    parser.add_argument("question", nargs="?", help="a question; leave it out with --queries")
    parser.add_argument("--queries", metavar="FILE", help='JSON lines {"id","text"}; - for standard input')
    parser.add_argument("--top", type=int, default=5, metavar="N", help="how many passages (default 5)")
    parser.add_argument("--lang", choices=("ja", "en"), help="search as this language (default: the question's)")
    parser.add_argument("--json", action="store_true",
                        help='print {"id","hits":[{"page","anchor","score"}…],"strength"}')
    add_folders(parser)
    parser.set_defaults(run=run_search)

    parser = commands.add_parser("ask", help="one answer with citations, without a server",
                                 description="Answers one question as the assistant would.")
    parser.add_argument("question")
    parser.add_argument("--lang", choices=("ja", "en"), help="answer in this language (default: the question's)")
    parser.add_argument("--json", action="store_true", help="print route, text, citations and strength as JSON")
    add_folders(parser)
    parser.set_defaults(run=run_ask)

    parser = commands.add_parser("check", help="lint the knowledge folder",
                                 description="Finds syntax errors, expired pages, contradictions, duplicates, dead "
                                             "links, missing twins and golden questions that fail. "
                                             "Prints file:line: rule: message; exit code 1 when something is wrong.")
    parser.add_argument("--json", action="store_true", help="print the findings as JSON lines")
    add_folders(parser)
    parser.set_defaults(run=run_check)


def progress_bar(out: TextIO = sys.stderr) -> Callable[[str, int, int], None]:
    """Give a callback that draws progress on a terminal and stays silent elsewhere."""
    bars: dict[str, tqdm[Any]] = {}

    def show(stage: str, done: int, total: int) -> None:
        if stage not in bars:
            for earlier in bars.values():
                earlier.close()
            bars[stage] = tqdm(total=total, desc=stage, file=out, leave=False)
        bars[stage].total = total
        bars[stage].update(done - bars[stage].n)

    return show if out.isatty() else lambda *_: None


async def _ready(settings: Settings) -> tuple[Company, Report]:
    company = load_company(settings)
    index, report = await fresh_index(settings, company.embedder, progress_bar())
    company.retriever.swap(index)
    return company, report


async def run_ingest(options: argparse.Namespace, settings: Settings) -> int:
    """Run ``ingest``; 1 when a file was skipped."""
    _, report = await _ready(settings)
    if options.json:
        print(json.dumps(report.as_json(), ensure_ascii=False))
    else:
        print(report.text())
    return 1 if report.skipped else 0


async def run_search(options: argparse.Namespace, settings: Settings) -> int:
    """Run ``search`` for one question or a file of them."""
    if bool(options.question) == bool(options.queries):
        raise BadRequest("give one question, or --queries FILE")
    company, _ = await _ready(settings)
    for query in _queries(options):
        evidence = await _evidence(company, query["text"], options.lang, options.top)
        if options.json or options.queries:
            hits = [{"page": hit.passage.page, "anchor": hit.passage.anchor, "score": round(hit.score, 6)}
                    for hit in evidence.hits]
            line = {"id": query["id"], "hits": hits, "strength": round(evidence.strength, 4)}
            print(json.dumps(line, ensure_ascii=False), flush=True)
        else:
            _print_hits(evidence)
    return 0


def _queries(options: argparse.Namespace) -> Iterator[dict[str, str]]:
    if options.question:
        yield {"id": "1", "text": options.question}
        return
    text = sys.stdin.read() if options.queries == "-" else Path(options.queries).read_text(encoding="utf-8-sig")
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            yield {"id": row["id"], "text": str(row["text"])}
        except (ValueError, KeyError, TypeError) as error:
            raise BadRequest(f'{options.queries}:{number}: expected {{"id","text"}} ({error})') from error


async def _evidence(company: Company, text: str, language: str | None, top: int) -> Evidence:
    vector = (await company.embedder.embed([text], "query"))[0]
    return company.retriever.retrieve(text, vector, language or detect(text, "ja"), top)


def _print_hits(evidence: Evidence) -> None:
    print(f"strength {evidence.strength:.2f} ({evidence.mode})")
    for place, hit in enumerate(evidence.hits, 1):
        text = " ".join((hit.passage.question or hit.passage.text).split())
        print(f"{place:2}. {hit.score:7.3f}  {hit.passage.page}#{hit.passage.anchor}\n      {text[:100]}")


async def run_ask(options: argparse.Namespace, settings: Settings) -> int:
    """Run ``ask``: the turn without a conversation around it."""
    company, _ = await _ready(settings)
    language = options.lang or detect(options.question, "ja")
    vector = (await company.embedder.embed([options.question], "query"))[0]
    reading = company.understanding.understand(options.question, (await company.listener.listen([options.question]))[0])
    evidence = company.retriever.retrieve(options.question, vector, language)
    progress = Progress()
    decision = decide(reading, progress, company.policy)
    if reading.intent is None:
        decision = regrade(decision, evidence.strength, progress, company.policy)
    if decision.route == "hand_off":
        reply = _urgent(company, decision, reading, language)
    else:
        composition = company.composer.compose(Request(options.question, language, reading, decision, evidence,
                                                       abstain=company.policy.retrieval.abstain))
        async for _ in composition:
            pass
        reply = composition.reply
    _print_reply(options, reply, decision.route, evidence.strength)
    return 0


def _urgent(company: Company, decision: Decision, reading: Reading, language: str) -> Reply:
    urgent, index = company.policy.urgent.get(decision.urgent or ""), company.retriever.index
    if urgent is None or index is None:
        return Reply("")
    return urgent_step(index, urgent.page(language), reading.kind, company.phrases, language)


def _print_reply(options: argparse.Namespace, reply: Reply, route: str, strength: float) -> None:
    if options.json:
        citations = [{"n": c.n, "page": c.page, "anchor": c.anchor, "title": c.title, "url": c.url, "quote": c.quote}
                     for c in reply.citations]
        print(json.dumps({"route": route, "text": reply.text, "citations": citations, "strength": round(strength, 4)},
                         ensure_ascii=False))
        return
    print(reply.text)
    for c in reply.citations:
        print(f"[{c.n}] {c.title}  ({c.page}{'#' + c.anchor if c.anchor else ''})")
    if route == "hand_off":
        print("→ a person is brought in here (in a conversation on the server)")


async def run_check(options: argparse.Namespace, settings: Settings) -> int:
    """Run ``check``; 1 when a finding is an error."""
    company, report = await _ready(settings)
    findings = await lint(company.knowledge, company.retriever, company.embedder, report)
    for finding in findings:
        print(json.dumps(finding.as_json(), ensure_ascii=False) if options.json else finding.text())
    errors = sum(finding.level == "error" for finding in findings)
    if not options.json:
        print(f"{report.pages} pages, {errors} errors, {len(findings) - errors} warnings")
    return 1 if errors else 0
