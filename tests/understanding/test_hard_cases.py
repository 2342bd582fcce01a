"""The hard cases: polite catastrophes, sarcasm, charged words in routine questions, quoted anger, silence, capitals."""

import asyncio
from pathlib import Path

import pytest

from assistant.decision.decide import Progress, decide
from assistant.decision.policy import load_policy
from assistant.engines.e5_small import E5Small
from assistant.ports import Turn
from assistant.understanding.judge import HeadsJudge
from assistant.understanding.reading import Reading
from assistant.understanding.understand import Understanding

KNOWLEDGE = Path(__file__).parents[2] / "knowledge"
READER = Understanding.load(KNOWLEDGE)
POLICY = load_policy(KNOWLEDGE, KNOWLEDGE)
ENGINE = E5Small()


def read(text: str) -> Reading:
    return READER.understand(text, asyncio.run(ENGINE.listen([text]))[0])


def route(text: str) -> str:
    return decide(read(text), Progress(), POLICY).route


PERSON_NOW = {
    "恐れ入りますが、母が亡くなりまして口座の件で…": "bereavement",
    "さすがの対応ですね、三週間も待たせていただいて": "complaint",
    "Outstanding service, the wrong item again": "complaint",
    "カードを落としました": "fraud_or_loss",
    "I lost my card": "fraud_or_loss",
    "watashi no kaado ga nusumaremashita": "fraud_or_loss",
    "口座に覚えのない引き落としがあります": "fraud_or_loss",
    "部屋がガスくさいです": "safety",
    "there is smoke coming out of the charger you sold me": "safety",
    "もう死にたいです": "crisis",
    "I don't want to be alive any more": "crisis",
    "弁護士に相談します": "legal_or_media",
    "My lawyer will be in touch": "legal_or_media",
    "lost my crad, pls block it": "fraud_or_loss",
    "フィッシングのlinkにpassword入れちゃった、help": "fraud_or_loss",
}


@pytest.mark.parametrize(("text", "kind"), PERSON_NOW.items())
def test_a_person_comes_at_once(text: str, kind: str) -> None:
    assert route(text) == "hand_off"
    assert read(text).kind == kind


@pytest.mark.parametrize("text", [
    "人と話したいです", "誰かと話せますか", "責任者を出して", "オペレーター", "hito to hanashitai desu",
    "is there anybody real there", "agent", "Can I speak to a human please?", "get me someone in charge",
])
def test_a_wish_for_a_person_is_met(text: str) -> None:
    reading = read(text)
    assert reading.wants_person
    assert decide(reading, Progress(), POLICY).reason_code == "customer_request"


@pytest.mark.parametrize("text", [
    "カードをなくした場合の再発行手数料はいくらですか", "How much is the fee for replacing a lost card?",
    "火災保険の補償範囲を教えてください", "What does your fire insurance cover?",
    "Do you have the Angry Birds gift card?", "「怒りのグルメ」のキャンペーンはいつまでですか",
    "IS THE WARRANTY TWO YEARS OR NOT?", "オペレーターの求人に応募したいのですが",
    "I'd like to apply for a call centre operator job", "I'm not angry, just asking what shipping costs",
    "友人がお店に怒っていましたが、私は返品の方法を知りたいだけです", "ありがとうございます!!とても助かりました!",
    "人に送金する方法を教えてください", "What are your opening hours?", "もしカードを盗まれたら補償はありますか",
    "自転車を盗まれにくい駐輪場は駅のどちら側ですか", "Which stations are known for stolen phones? Planning a trip.",
])
def test_routine_stays_with_the_assistant(text: str) -> None:
    assert route(text) == "answer"
    assert not read(text).wants_person


@pytest.mark.parametrize("text", ["最悪", "もういい", "ふざけるな", "I'm not angry, just disappointed"])
def test_a_bare_outburst_is_offered_a_person(text: str) -> None:
    assert route(text) == "offer"


@pytest.mark.parametrize("text", [
    "そろそろ他の銀行に移ろうかと考えています", "I'm thinking of moving my savings to another bank",
])
def test_quiet_churn_is_offered_a_person(text: str) -> None:
    assert read(text).kind == "churn"
    assert route(text) == "offer"


def test_the_charge_in_one_sentence_of_a_long_message_is_found() -> None:
    calm = "先日は窓口で丁寧に教えていただきありがとうございました。通帳の色も気に入っています。" * 6
    reading = read(calm + "それと、財布をどこかで落としてしまい、カードも入っていました。" + calm)
    assert reading.kind == "fraud_or_loss"
    assert any("落と" in reason.text for reason in reading.reasons if reason.span)


@pytest.mark.parametrize(("text", "step"), [
    ("カードを落としました", "freeze_card"), ("My wallet was stolen", "freeze_card"),
    ("警察を名乗る人にお金を振り込めと言われています", "stop_transfer"),
    ("I've just been scammed, I sent them 2000", "stop_transfer"),
    ("ガスが漏れています", "emergency"), ("my baby is not breathing", "emergency"),
    ("死にたい", "crisis_line"), ("I want to kill myself", "crisis_line"),
])
def test_the_urgent_step_fits_the_situation(text: str, step: str) -> None:
    assert decide(read(text), Progress(), POLICY).urgent == step


def test_grief_is_never_called_abuse() -> None:
    for text in ("母が死んだ。お前らには分からない", "I want to die, you are all useless"):
        assert not read(text).abuse


@pytest.mark.parametrize(("text", "intent"), [
    ("こんにちは", "greeting"), ("ありがとうございます", "thanks"), ("thx", "thanks"), ("bye", "bye"),
    ("あなたは人間ですか", "bot_question"), ("are you a bot?", "bot_question"), ("はい", "yes"), ("no thanks", "no"),
    ("what can you do", "help"), ("営業時間は?", None), ("I lost my card", None),
])
def test_small_talk_is_recognised(text: str, intent: str | None) -> None:
    assert read(text).intent == intent


@pytest.mark.parametrize(("before", "text", "person"), [
    ("What is covered by the home policy, storms and so on?", "And a gas explosion?", False),
    ("胃カメラの前の食事について教えてください", "明後日、胃カメラなんです。初めてでどきどきしています。", False),
    ("What are your opening hours?", "Someone rang from your security team and I read out the code to them.", True),
    ("営業時間を教えてください", "さっき電話で暗証番号を教えてしまったんですが、大丈夫でしょうか", True),
    ("コンセントが少し変な音がするのですが", "だんだん熱くなってきました", True),
    ("サッカー観戦の保険を見ています", "だんだん熱くなってきました", False),
    ("do u insure horses", "shes very much alive btw. what about if she kicks someone", False),
])
async def test_a_message_is_read_with_the_one_before_it(before: str, text: str, person: bool) -> None:
    history = [Turn("visitor", before), Turn("assistant", "…")]
    heard = (await ENGINE.listen([text]))[0]
    reading = await HeadsJudge(READER, ENGINE).read(text, heard, history)
    assert (decide(reading, Progress(), POLICY).route == "hand_off") == person


@pytest.mark.parametrize("text", [
    "No need for a colleague, just tell me the fee", "I'd rather not talk to anyone, can you simply send the form?",
    "担当者は不要です、手数料だけ教えてください", "電話はしたくないので、ここで教えてください",
])
def test_who_declines_a_person_is_not_sent_to_one(text: str) -> None:
    reading = read(text)
    assert not reading.wants_person
    assert decide(reading, Progress(), POLICY).route != "hand_off"
    assert "wish.declined" in reading.codes("wish.")


@pytest.mark.parametrize("text", [
    "I don't want to talk to a bot, get me a human", "ロボットとは話したくない、人を出してください",
    "I don't need a call, I want to die", "担当者はいりません。カードを盗まれたので止めてください",
])
def test_declining_a_machine_is_a_wish_and_a_rule_stands_above_a_refusal(text: str) -> None:
    assert route(text) == "hand_off"
