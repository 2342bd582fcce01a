"""What stands in the scripted desk: tickets, one told conversation with its brief, snippets."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

COMPANY = "あおば銀行"
SNIPPETS = [
    {"id": "hello", "title": "はじめのご挨拶", "lang": "ja",
     "text": "お待たせいたしました。{company}の{agent}です。これまでの内容は拝見しております。"},
    {"id": "sorry", "title": "お詫び", "lang": "ja", "text": "{name}様、ご不便をおかけし、申し訳ございません。"},
    {"id": "hello-en", "title": "Hello", "lang": "en", "text": "Thank you for waiting. This is {agent} at {company}."},
]
PREVIEWS = {
    "fraud_or_loss": "財布ごとなくしてしまい、カードが使われているかもしれません。", "bereavement": "父が亡くなり、口座のことで何から始めればよいか分かりません。",
    "complaint": "三回も同じ説明をしています。約束の電話も来ません。", "money_at_stake": "家賃の引き落としが二重になっています。",
    "none": "住宅ローンの繰上返済について相談したいです。", "privacy": "知らない人の明細が届きました。", "churn": "もう解約しようかと考えています。"}


def ticket(number: int, severity: str = "p3", kind: str = "none", waited_s: int = 60, **more: Any) -> dict[str, Any]:
    """One place in the line."""
    entered = datetime.now(UTC) - timedelta(seconds=waited_s)
    due = entered + timedelta(seconds={"p1": 60, "p2": 180, "p3": 600, "p4": 1800}[severity])
    state = "breached" if due < datetime.now(UTC) else "ok"
    return {"ticket": f"t_{number}", "conversation": f"c_{number}", "severity": severity, "kind": kind,
            "reason": "customer_request" if kind == "none" else kind, "language": "ja", "rank": float(number),
            "intensity": {"p1": 0.9, "p2": 0.7, "p3": 0.5, "p4": 0.2}[severity], "position": number,
            "entered_at": entered.isoformat(timespec="milliseconds"), "state": "queued", "preview": PREVIEWS[kind],
            "abuse": False, "skills": [], "sla": {"first_response_due": due.isoformat(timespec="milliseconds"),
                                                  "state": state}, **more}


def long_line(count: int) -> dict[str, dict[str, Any]]:
    """As many tickets, mixed as a busy morning mixes them."""
    dice = random.Random(5)
    kinds = {"p1": ("fraud_or_loss", "privacy"), "p2": ("bereavement", "money_at_stake"),
             "p3": ("complaint", "churn"), "p4": ("none",)}
    found = {}
    for n in range(1, count + 1):
        severity = dice.choices(("p1", "p2", "p3", "p4"), (1, 3, 5, 9))[0]
        found[f"t_{n}"] = ticket(n, severity, dice.choice(kinds[severity]), dice.randrange(5, 4000))
    return found


def brief(told: str, promise: str) -> dict[str, Any]:
    """A brief; ``told`` is the charged message's id, ``promise`` that of the promise."""
    def quote(text: str, message: str = told, by: str = "visitor") -> dict[str, Any]:
        return {"quote": text, "message": message, "by": by, "at": datetime.now(UTC).isoformat()}

    return {
        "version": "1", "customer": {"ref": "v_1", "name": "田中", "verified": False, "consents": []},
        "reason": {"code": "fraud_or_loss", "text": "使われているかもしれません", "by": "policy", "rules": [],
                   "evidence": [{"message": told, "start": 0, "end": 9, "quote": "財布ごとなくしてしまい"}]},
        "moment": {"kind": "fraud_or_loss", "intensity": 0.9, "trend": [0.3, 0.9], "model_version": "1"},
        "severity": "p1",
        "urgent_steps_given": [{"code": "freeze_card", "message": promise,
                                "quote": "まず 0120-000-119（24時間）へお電話ください。"}],
        "summary": {"issue": quote("財布ごとなくしてしまい、カードが使われているかもしれません。"), "goal": quote("カードを止めてほしい"),
                    "facts": [quote("昨夜9時ごろ、渋谷駅")], "tried": [quote("アプリでは止められませんでした")],
                    "unresolved": [quote("身に覚えのない引き落としが2件")],
                    "tone_advice": "短い文で、まず手順を。責める言い方を避け、できることを順に伝えます。"},
        "promises": [quote("止めたあとの補償の条件を担当者からご案内します。", promise, "assistant")],
        "knowledge": [{"page": "ja/cards/lost-card", "anchor": "freeze", "title": "カードをなくしたとき", "score": 1.0}],
        "gaps": [], "collected": {"name": "田中", "tried": "アプリの停止"}, "routing": {"language": "ja", "skills": []}}
