"""Twenty scripted conversations as facts, in both languages, with what a brief of each must be able to answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from assistant.conversation import Actor
from assistant.events import Fact

START = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
CITED = [{"n": 1, "page": "ja/cards/lost-card.md", "anchor": "freeze", "title": "カードの紛失", "url": "/v1/pages/x",
          "quote": "すぐに止められます"}]


@dataclass(frozen=True)
class Script:
    """``lines``: who (v, a, s, agent's name) and what; ``!`` marks an answer that found nothing, ``[1]`` a cited one.

    ``tried``, ``promised``, ``goal``: words that the brief must quote; empty: it must quote nothing there.
    """

    name: str
    language: str
    kind: str
    reason: str
    lines: tuple[tuple[str, str], ...]
    tried: str = ""
    promised: str = ""
    goal: str = ""
    gap: str = ""
    urgent: str = ""


SCRIPTS = (
    Script("紛失", "ja", "fraud_or_loss", "fraud_or_loss", (
        ("v", "財布を落としてカードがありません。止めてください。"),
        ("a", "0120-000-119へお電話ください。[1]")),
        goal="止めてください", urgent="freeze_card"),
    Script("最後の一押し", "ja", "complaint", "complaint", (
        ("v", "3回も電話したのに返事がありません。もう限界です。"),
        ("a", "ご不快な思いをおかけし、申し訳ございません。"),
        ("v", "今日中に返事がほしいです。")),
        tried="電話したのに", goal="返事がほしい"),
    Script("約束あり", "ja", "complaint", "complaint", (
        ("v", "再発行のカードが届きません。"),
        ("佐藤", "11月30日までにお送りいたします。"),
        ("v", "まだ届かないので確認してください。")),
        promised="11月30日までにお送りいたします", goal="確認してください"),
    Script("相続", "ja", "bereavement", "bereavement", (
        ("v", "父が亡くなりました。口座の手続きを教えてください。"),
        ("a", "必要な書類は次のとおりです。[1]"),
        ("v", "戸籍謄本は先週送りました。")),
        tried="先週送りました", goal="教えてください"),
    Script("二重請求", "ja", "money_at_stake", "money_at_stake", (
        ("v", "11月20日に12,800円が二重に引き落とされています。返金してほしいです。"),
        ("a", "!その点は見当たりません。")),
        goal="返金してほしい", gap="二重に引き落とされています"),
    Script("アプリ不調", "ja", "none", "repeated_failure", (
        ("v", "アプリにログインできません。"),
        ("a", "再起動をお試しください。[1]"),
        ("v", "再起動しましたがだめでした。"),
        ("v", "入れ直しても同じです。直してほしい。")),
        tried="再起動しました", goal="直してほしい"),
    Script("折り返し", "ja", "complaint", "customer_request", (
        ("v", "担当の方と話したいです。"),
        ("s", "承知いたしました。11月24日(火) 9:00〜12:00に、お電話を差し上げます。")),
        promised="お電話を差し上げます", goal="話したい"),
    Script("カード番号", "ja", "fraud_or_loss", "fraud_or_loss", (
        ("v", "4242 4242 4242 4242 のカードを止めてください。"),
        ("a", "番号は書かないでください。")),
        goal="止めてください"),
    Script("口座凍結", "ja", "money_at_stake", "money_at_stake", (
        ("v", "家賃の支払いが明日なのに口座が止まっています。"),
        ("鈴木", "本日17時までに確認いたします。"),
        ("v", "お願いします。")),
        promised="本日17時までに確認いたします", goal="お願いします"),
    Script("住所変更", "ja", "life_event", "knowledge_gap", (
        ("v", "引っ越しました。海外の住所に変更できますか。手続きを知りたいです。"),
        ("a", "!手元のページに見当たりません。")),
        gap="海外の住所", goal="知りたい"),
    Script("lost card", "en", "fraud_or_loss", "fraud_or_loss", (
        ("v", "My wallet was stolen. Please block my card."),
        ("a", "Call 0120-000-119 at once. [1]")),
        goal="Please block my card", urgent="freeze_card"),
    Script("third call", "en", "complaint", "complaint", (
        ("v", "I have already called three times and nobody answers."),
        ("a", "I'm sorry about this experience."),
        ("v", "I want an answer today.")),
        tried="already called three times", goal="I want an answer today"),
    Script("promise", "en", "complaint", "complaint", (
        ("v", "My new card never came."),
        ("Sato", "We will send it by Friday."),
        ("v", "Can you check where it is?")),
        promised="We will send it by Friday", goal="Can you check"),
    Script("death", "en", "bereavement", "bereavement", (
        ("v", "My mother passed away last week. What should I do about her account?"),
        ("a", "These papers are needed. [1]"),
        ("v", "I sent the certificate on Monday.")),
        tried="I sent the certificate", goal="What should I do"),
    Script("double charge", "en", "money_at_stake", "money_at_stake", (
        ("v", "I was charged $128 twice on Tuesday. I need a refund."),
        ("a", "!I can't find that in our pages.")),
        goal="I need a refund", gap="charged $128 twice"),
    Script("app", "en", "none", "repeated_failure", (
        ("v", "I cannot log in."),
        ("a", "Restart the app. [1]"),
        ("v", "I restarted it twice. Please help me.")),
        tried="I restarted it twice", goal="Please help me"),
    Script("call back", "en", "complaint", "customer_request", (
        ("v", "I'd like to talk to a person."),
        ("s", "All right. We will call you Tue 24 Nov, 9:00–12:00.")),
        promised="We will call you", goal="talk to a person"),
    Script("number", "en", "fraud_or_loss", "fraud_or_loss", (
        ("v", "Please block 4111-1111-1111-1111 right now."),
        ("a", "Please never write the number.")),
        goal="Please block"),
    Script("rent", "en", "money_at_stake", "money_at_stake", (
        ("v", "My rent is due tomorrow and my account is frozen."),
        ("Suzuki", "I'll look into it and call you back by tonight."),
        ("v", "Thank you, please do.")),
        promised="call you back by tonight", goal="please do"),
    Script("moving", "en", "life_event", "knowledge_gap", (
        ("v", "I am moving abroad. How do I change my address?"),
        ("a", "!I can't find that in our pages.")),
        gap="How do I change my address", goal="How do I change"),
)


def facts_of(script: Script) -> list[Fact]:
    """Give the script as a conversation's facts, with a reading for each visitor's message and the handoff."""
    found: list[Fact] = []

    def add(kind: str, actor: Actor, data: dict[str, Any]) -> None:
        seq = len(found) + 1
        found.append(Fact(f"c_{script.name}", seq, f"f_{seq}", kind, START + timedelta(minutes=seq), actor, data))

    add("conversation.started", Actor("system"), {"locale": script.language, "channel": "web"})
    for number, (who, text) in enumerate(script.lines, 1):
        _line(add, script, f"m_{number}", who, text)
    add("handoff.requested", Actor("system"), {"by": "policy", "reason": script.reason, "reasons": ["rule.test"]})
    return found


def _line(add: Any, script: Script, message: str, who: str, text: str) -> None:
    data: dict[str, Any] = {"message": message, "text": text.lstrip("!")}
    if who == "v":
        add("message.created", Actor("visitor", "v_1"), data)
        reading = {"intensity": 0.7, "moment": {"kind": script.kind, "p": 0.9}, "abuse": False, "vulnerable": False,
                   "reasons": [{"code": "rule.test", "text": "t", "span": [0, min(4, len(text))]}]}
        add("moment.detected", Actor("assistant"), {"message": message, "reading": reading})
    elif who in ("a", "s"):
        extra: dict[str, Any] = {"offer": "person"} if text.startswith("!") else {}
        extra |= {"citations": CITED} if "[1]" in text else {}
        extra |= {"urgent": script.urgent} if script.urgent else {}
        add("message.created", Actor("assistant" if who == "a" else "system"), data | extra)
    else:
        add("message.created", Actor("agent", f"a_{who}", who), data)


def words(quotes: Sequence[Any]) -> str:
    return " | ".join(str(quote["quote"]) for quote in quotes)
