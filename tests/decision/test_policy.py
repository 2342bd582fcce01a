"""The policy file: what ships is right, what is wrong is refused with its line, and a company writes only what differs."""

from pathlib import Path

import pytest

from assistant.decision.policy import load_policy
from assistant.errors import KnowledgeError
from assistant.understanding.cues import load_cues
from assistant.understanding.emotion import KINDS

KNOWLEDGE = Path(__file__).parents[2] / "knowledge"


def test_every_kind_has_its_table_and_every_urgent_step_its_heading() -> None:
    policy = load_policy(KNOWLEDGE, KNOWLEDGE)
    assert set(policy.kinds) == set(KINDS)
    for step in policy.urgent.values():
        for page in (step.ja, step.en):
            path, _, anchor = page.partition("#")
            assert "{#" + anchor + "}" in (KNOWLEDGE / "pages" / path).read_text(encoding="utf-8")


def test_every_key_is_commented() -> None:
    lines = (KNOWLEDGE / "policy.toml").read_text(encoding="utf-8").splitlines()
    in_thresholds = lines[lines.index("[thresholds]"):lines.index("[retrieval]")]
    assert all("#" in line for line in in_thresholds if "=" in line)


@pytest.mark.parametrize(("text", "line", "words"), [
    ("[thresholds]\n\nhand_off_enter = 1.5\n", 3, "less than or equal"),
    ("[thresholds]\nhand_of_enter = 0.5\n", 2, "Extra inputs"),
    ("[thresholds]\nhand_off_enter = 0.2\n", 1, "stay"),
    ("[kinds.crisis]\nmoods = [\n  'laughing' ]\n", 2, "Input should be"),
    ("[duty]\nmon = ['9-5']\n", 2, "09:00-18:00"),
    ("[duty]\ntime_zone = 'Mars/Base'\n", 2, "time zone"),
    ("[kinds.none]\nreason = 'because'\n", 2, "reason code"),
    ("[thresholds\n", 1, "TOML"),
])
def test_a_wrong_file_is_refused_with_its_line(tmp_path: Path, text: str, line: int, words: str) -> None:
    (tmp_path / "policy.toml").write_text(text, encoding="utf-8")
    with pytest.raises(KnowledgeError) as refused:
        load_policy(tmp_path, KNOWLEDGE)
    assert refused.value.line == line
    assert words in str(refused.value)


def test_a_company_writes_only_what_differs(tmp_path: Path) -> None:
    (tmp_path / "policy.toml").write_text("[line]\nringing_timeout_s = 45\n", encoding="utf-8")
    policy = load_policy(tmp_path, KNOWLEDGE)
    assert policy.line.ringing_timeout_s == 45
    assert policy.line.agent_gone_s == 60
    assert load_policy(tmp_path / "none", KNOWLEDGE).line.ringing_timeout_s == 30


def test_a_company_adds_its_own_cues(tmp_path: Path) -> None:
    (tmp_path / "moments").mkdir()
    (tmp_path / "moments" / "ja.toml").write_text(
        '[cues."rule.danger"]\nkind = "safety"\ncues = ["青い液 ~ こぼれ"]\n', encoding="utf-8")
    found, _ = load_cues(tmp_path, KNOWLEDGE).search("ボトルの青い液が床にこぼれました")
    assert [one.code for one in found] == ["rule.danger"]


@pytest.mark.parametrize(("text", "line"), [
    ('[cues."rule.x"]\ncues = []\n', 2), ('[cues."rule.x"]\ncues = ["a"]\nfolly = 1\n', 3), ("[cues\n", 1),
])
def test_a_wrong_cue_list_is_refused_with_its_line(tmp_path: Path, text: str, line: int) -> None:
    (tmp_path / "moments").mkdir()
    (tmp_path / "moments" / "en.toml").write_text(text, encoding="utf-8")
    with pytest.raises(KnowledgeError) as refused:
        load_cues(tmp_path, KNOWLEDGE)
    assert refused.value.line == line
