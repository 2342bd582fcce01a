"""The commands as people type them, in a process of their own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.flows.house import write_pages

COMMANDS = ("serve", "ingest", "ask", "search", "chat", "check", "assess", "policy", "desk")


def omotenashi(*arguments: str, given: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """Run one command to its end."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("OMOTENASHI_")}
    return subprocess.run([sys.executable, "-m", "assistant", *arguments], input=given, capture_output=True, text=True,
                          env=env | environment, timeout=100, check=False)


@pytest.fixture
def folders(tmp_path: Path) -> tuple[str, ...]:
    write_pages(tmp_path / "knowledge")
    return "--knowledge", str(tmp_path / "knowledge"), "--index", str(tmp_path / "index")


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_every_command_says_what_it_does(command: str) -> None:
    shown = omotenashi(command, "--help")
    assert shown.returncode == 0
    assert len(shown.stdout.splitlines()) >= 5


def test_ingest_reports_and_the_second_time_embeds_nothing(folders: tuple[str, ...]) -> None:
    first = json.loads(omotenashi("ingest", "--json", *folders).stdout)
    again = json.loads(omotenashi("ingest", "--json", *folders).stdout)
    assert first["pages"] == again["pages"] == 5
    assert first["embedded"] > 0 == again["embedded"]


def test_search_reads_a_file_of_queries_and_prints_the_agreed_lines(folders: tuple[str, ...], tmp_path: Path) -> None:
    queries = tmp_path / "queries.jsonl"
    queries.write_text('{"id":"q1","text":"再発行はいくら"}\n{"id":"q2","text":"opening hours"}\n', encoding="utf-8")
    done = omotenashi("search", "--queries", str(queries), "--top", "2", "--json", *folders)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["id"] for line in lines] == ["q1", "q2"]
    assert lines[0]["hits"][0]["page"] == "ja/fees.md"
    assert all(set(hit) == {"page", "anchor", "score"} for line in lines for hit in line["hits"])
    assert all(0 <= line["strength"] <= 1 and len(line["hits"]) <= 2 for line in lines)


def test_a_folder_with_only_an_faq_table_can_be_searched(tmp_path: Path) -> None:
    table = tmp_path / "knowledge" / "pages" / "faq.csv"
    table.parent.mkdir(parents=True)
    table.write_text("id,question,answer\n7,粗大ごみの出し方は？,予約センターへお電話ください。\n"
                     "8,図書館の開館時間は？,9時から19時までです。\n", encoding="utf-8")
    done = omotenashi("search", "大きなゴミを捨てたい", "--json", "--knowledge", str(tmp_path / "knowledge"),
                      "--index", str(tmp_path / "index"))
    assert json.loads(done.stdout)["hits"][0]["page"] == "faq.csv#7"


def test_ask_answers_with_a_citation(folders: tuple[str, ...]) -> None:
    reply = json.loads(omotenashi("ask", "キャッシュカードの再発行手数料はいくらですか", "--json", *folders).stdout)
    assert "1,100円" in reply["text"]
    assert reply["citations"][0]["page"] == "ja/fees.md"


def test_assess_reads_lines_and_explains_each(folders: tuple[str, ...]) -> None:
    given = ('{"id":"a","text":"口座が乗っ取られて勝手に送金されています！"}\n'
             '{"id":"b","text":"営業時間を教えて"}\n')
    lines = [json.loads(line) for line in omotenashi("assess", *folders, given=given).stdout.splitlines()]
    assert [(line["id"], line["route"]) for line in lines] == [("a", "hand_off"), ("b", "answer")]
    assert lines[0]["reasons"]


def test_check_names_file_and_line(folders: tuple[str, ...], tmp_path: Path) -> None:
    page = tmp_path / "knowledge" / "pages" / "ja" / "old.md"
    page.write_text("---\ntitle: 古い案内\nvalid_until: 2020-01-31\n---\n# 古い案内\n\n終了しました。\n", encoding="utf-8")
    done = omotenashi("check", *folders)
    assert "old.md:" in done.stdout


@pytest.mark.parametrize(("environment", "said"), [
    ({"OMOTENASHI_PROT": "1"}, "did you mean OMOTENASHI_PORT"),
    ({"OMOTENASHI_PORT": "many"}, "OMOTENASHI_PORT='many'"),
    ({"OMOTENASHI_SECRET": "short"}, "32 characters"),
    ({"OMOTENASHI_EMBEDDER": "magic"}, "say packaged"),
])
def test_a_wrong_setting_is_refused_with_what_to_do(environment: dict[str, str], said: str,
                                                    folders: tuple[str, ...]) -> None:
    done = omotenashi("ingest", *folders, **environment)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_missing_folder_is_one_clear_line(tmp_path: Path) -> None:
    done = omotenashi("ingest", "--knowledge", str(tmp_path / "nowhere"))
    assert done.returncode == 2
    assert "no such folder" in done.stderr


def test_a_broken_line_of_queries_is_named(folders: tuple[str, ...]) -> None:
    done = omotenashi("search", "--queries", "-", *folders, given='{"id":"1","text":"a"}\nnot json\n')
    assert done.returncode == 2
    assert "-:2:" in done.stderr
