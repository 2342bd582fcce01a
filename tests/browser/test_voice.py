"""What the assistant says aloud: one ending for each text whatever the voice does, and lips for every sound."""

import base64
import io
import math
import struct
import wave
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.face_site import browser_page

# A voice that behaves as the test says: real ones differ by machine, and this browser has none.
SETUP = """async () => {
  const { createSpeech, sentences } = await import("/widget/voice/speech.js");
  const { estimate, heardBy, timeAt } = await import("/widget/voice/morae.js");
  const rest = (ms) => new Promise((done) => setTimeout(done, ms));
  const plain = window.SpeechSynthesisUtterance;
  class Utterance { constructor(text) { this.text = text; } }
  const scripted = (act) => {
    window.SpeechSynthesisUtterance = Utterance;
    return {
      cancelled: 0, said: [], now: null,
      getVoices: () => [{ lang: "en-US", localService: true }, { lang: "ja-JP", localService: true }],
      speak(one) { this.said.push(one); this.now = one; act(one); },
      cancel() {
        this.cancelled += 1;
        const one = this.now;
        this.now = null;
        setTimeout(() => one?.onerror?.({ error: "interrupted" }), 5);
      },
    };
  };
  const open = (options = {}) => {
    const log = { timelines: [], captions: [], boundaries: [], endings: [] };
    const speech = createSpeech({
      locale: "ja",
      onTimeline: (line, clock) => log.timelines.push({ line, clock }),
      onCaption: (c) => log.captions.push(c),
      onBoundary: (b) => log.boundaries.push(b), onDone: (e) => log.endings.push(e), ...options,
    });
    return { speech, log };
  };
  Object.assign(window, { open, rest, scripted, plain, sentences, estimate, heardBy, timeAt });
}"""


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with browser_page("/demo/face.html?look=mio&mood=calm") as opened:
        opened.evaluate(SETUP)
        yield opened


def estimate(page: Page, text: str, locale: str, rate: float = 1) -> dict[str, Any]:
    found: dict[str, Any] = page.evaluate(
        "([text, locale, rate]) => estimate(text, locale, rate)", [text, locale, rate]
    )
    return found


@pytest.mark.parametrize(
    ("text", "shapes"),
    [
        ("さくら", "a u a"),
        ("きょう", "o u"),
        ("がっこう", "a N o u"),
        ("ぶんぼうぐ", "cl u N cl o u N u"),
        ("コーヒー", "o o i i"),
        ("ファイル", "FF a i u"),
        ("あっぱれ", "a cl cl a e"),
        ("はは", "a N a"),
        ("はい、どうぞ。", "a i sil o u o sil"),
        ("12", "u u i"),
    ],
)
def test_japanese_lips_follow_the_morae(page: Page, text: str, shapes: str) -> None:
    assert " ".join(estimate(page, text, "ja")["v"]) == shapes


@pytest.mark.parametrize(
    ("text", "shapes"),
    [
        ("bank", "cl a N"),
        ("fee", "FF i"),
        ("people", "cl e cl"),
        ("Hello, we move.", "e N o sil u e cl o FF sil"),
        ("ATM", "e i e cl"),
    ],
)
def test_english_lips_follow_the_syllables(page: Page, text: str, shapes: str) -> None:
    assert " ".join(estimate(page, text, "en")["v"]) == shapes


@pytest.mark.parametrize("locale", ["ja", "en"])
@pytest.mark.parametrize(
    "text",
    [
        "",
        "。",
        "👍🏽",
        "カードを無くしました。至急止めてください！",
        "1,980円、0120-000-119、3.5%",
        "Your ATM card is blocked.",
        "\u202e<b>&amp;\x00",
        "ｶﾞｷﾞ①㍿",
        "a" * 5000,
    ],
)
def test_any_text_gives_a_timeline_without_holes(page: Page, text: str, locale: str) -> None:
    line = estimate(page, text, locale)
    end = 0.0
    for t, d, at in zip(line["t"], line["d"], line["at"], strict=True):
        assert t == pytest.approx(end, abs=1e-6)
        assert d > 0
        assert 0 <= at < len(text.encode("utf-16-le")) // 2
        end = t + d
    assert end == pytest.approx(line["length"], abs=1e-6)
    assert set(line["v"]) <= {"sil", "a", "i", "u", "e", "o", "N", "FF", "cl"}


def test_speech_has_an_ordinary_pace(page: Page) -> None:
    seconds = estimate(page, "きょうはとてもいいおてんきですね", "ja")["length"]
    assert 6.5 < 15 / seconds < 8.5, "morae a second"
    assert estimate(page, "きょうは", "ja", 2)["length"] == pytest.approx(
        estimate(page, "きょうは", "ja")["length"] / 2
    )


def test_the_pieces_of_a_text_are_the_text(page: Page) -> None:
    texts = [
        "一文。二文！三文？",
        "No end",
        "x" * 700,
        "長い、" * 100,
        "3.5% of it. Then more.",
        "",
        "\n\n",
        "👍" * 200,
        "「はい。」と言った。",
    ]
    for text in texts:
        pieces = page.evaluate("(text) => sentences(text)", text)
        assert "".join(pieces) == text
        assert all(piece and len(piece.encode("utf-16-le")) <= 2 * 240 for piece in pieces)
        assert not any(0xD800 <= ord(piece[-1]) <= 0xDFFF for piece in pieces)


def test_without_a_voice_the_words_are_shown_at_the_pace_of_speech(page: Page) -> None:
    result = page.evaluate(
        """async () => {
          const { speech, log } = open({ synth: null });
          const start = performance.now();
          const texts = [["はい。", "m_1"], ["どうぞ。お入りください。", "m_2"]];
          const said = texts.map(([text, message]) => speech.speak(text, { message }));
          const [one, two] = await Promise.all(said);
          return {
            one, two, took: performance.now() - start, busy: speech.busy, hasVoice: speech.hasVoice,
            captions: log.captions, lines: log.timelines.length, endings: log.endings.length,
            over: log.timelines.every(({ clock }) => clock() === Infinity),
          };
        }"""
    )
    assert (result["one"]["end"], result["one"]["heard"], result["one"]["aloud"]) == ("done", 3, False)
    assert (result["two"]["end"], result["two"]["heard"], result["two"]["message"]) == ("done", 12, "m_2")
    assert 1200 < result["took"] < 6000
    assert not result["busy"]
    assert not result["hasVoice"]
    assert result["lines"] == 3
    assert result["over"]
    assert result["endings"] == 2
    assert [(c["text"], c["start"]) for c in result["captions"]] == [
        ("はい。", 0),
        ("", 3),
        ("どうぞ。", 0),
        ("お入りください。", 4),
        ("", 12),
    ]


def test_speaking_into_it_stops_within_150_ms_and_tells_what_was_heard(page: Page) -> None:
    result = page.evaluate(
        """async () => {
          const { speech, log } = open({ synth: null });
          const first = speech.speak("これはとても長い文なので、途中で止められます。", { message: "m_1" });
          const second = speech.speak("これは聞かれません。", { message: "m_2" });
          await rest(1000);
          const start = performance.now();
          speech.stop();
          const endings = await Promise.all([first, second]);
          const took = performance.now() - start;
          await rest(200);
          speech.stop();
          return { endings, took, told: log.endings.length, busy: speech.busy };
        }"""
    )
    first, second = result["endings"]
    assert result["took"] < 150
    assert first["end"] == second["end"] == "interrupted"
    assert 3 <= first["heard"] <= 14
    assert second["heard"] == 0
    assert result["told"] == 2
    assert not result["busy"]


@pytest.mark.parametrize(
    ("written", "said", "heard", "place"),
    [
        ("**カード**を止めました[1]。", "カードを止めました。", 3, 5),
        ("**カード**を止めました[1]。", "カードを止めました。", 10, 17),
        ("同じ文", "同じ文", 2, 2),
        ("👍です", "です", 1, 2),
        ("", "", 0, 0),
    ],
)
def test_what_was_heard_is_counted_in_what_is_written(
    page: Page, written: str, said: str, heard: int, place: int
) -> None:
    found = page.evaluate(
        """async (args) => (await import("/widget/voice/speech.js")).placeIn(...args)""", [written, said, heard]
    )
    assert found == place


VOICES = {
    "ordinary": "(one) => { setTimeout(() => one.onstart(), 20); setTimeout(() => one.onend(), 700); }",
    "ends twice": """(one) => { setTimeout(() => one.onstart(), 20);
      setTimeout(() => { one.onend(); one.onend(); one.onerror({ error: 'canceled' }); }, 400); }""",
    "refused": "(one) => setTimeout(() => one.onerror({ error: 'not-allowed' }), 20)",
    "never starts": "() => {}",
    "never ends": "(one) => setTimeout(() => one.onstart(), 20)",
    "fails midway": """(one) => { setTimeout(() => one.onstart(), 20);
      setTimeout(() => one.onerror({ error: 'network' }), 300); }""",
}


@pytest.mark.parametrize("name", VOICES)
def test_whatever_the_voice_does_a_text_ends_once(page: Page, name: str) -> None:
    result = page.evaluate(
        """async (act) => {
          const { speech, log } = open({ synth: scripted(eval(act)) });
          const ending = await speech.speak("はい。");
          await rest(150);
          window.SpeechSynthesisUtterance = plain;
          return { ending, told: log.endings.length, lines: log.timelines.length };
        }""".replace("eval(act)", VOICES[name]),
        None,
    )
    assert result["told"] == 1
    assert result["lines"] == 1
    assert result["ending"]["end"] == ("interrupted" if name == "fails midway" else "done")
    assert result["ending"]["aloud"] == (name not in {"refused", "never starts"})


def test_a_boundary_sets_the_lips_right(page: Page) -> None:
    result = page.evaluate(
        """async () => {
          const text = "カードを無くしたので止めてください。";
          const synth = scripted((one) => {
            setTimeout(() => one.onstart(), 10);
            setTimeout(() => one.onboundary({ charIndex: 10 }), 300);
            setTimeout(() => one.onend(), 900);
          });
          const { speech, log } = open({ synth });
          const spoken = speech.speak(text, { tone: "grave" });
          await rest(320);
          const shown = log.timelines[0].clock();
          const ending = await spoken;
          window.SpeechSynthesisUtterance = plain;
          const { rate, pitch } = synth.said[0];
          const wanted = timeAt(estimate(text, "ja", 0.86), 10);
          return { shown, wanted, boundaries: log.boundaries, ending, rate, pitch };
        }"""
    )
    assert result["shown"] == pytest.approx(result["wanted"], abs=0.12)
    assert result["boundaries"] == [{"message": None, "heard": 10}]
    assert result["ending"]["heard"] == 18
    assert result["rate"] < 1
    assert result["pitch"] < 1


def test_stopping_a_voice_cancels_it_at_once(page: Page) -> None:
    result = page.evaluate(
        """async () => {
          const synth = scripted((one) => setTimeout(() => one.onstart(), 10));
          const { speech, log } = open({ synth });
          const spoken = speech.speak("これはとても長い文なので、途中で止められます。そして続きます。");
          await rest(500);
          const start = performance.now();
          speech.stop();
          const ending = await spoken;
          const took = performance.now() - start;
          await rest(100);
          window.SpeechSynthesisUtterance = plain;
          return { ending, took, cancelled: synth.cancelled, told: log.endings.length, said: synth.said.length };
        }"""
    )
    assert result["ending"]["end"] == "interrupted"
    assert 0 < result["ending"]["heard"] < 12
    assert result["took"] < 150
    assert (result["cancelled"], result["told"], result["said"]) == (1, 1, 1)


def tone(seconds: float) -> str:
    """A quiet tone as a WAV file in base64."""
    out = io.BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(24_000)
        frames = (int(800 * math.sin(i / 12)) for i in range(int(24_000 * seconds)))
        sound.writeframes(b"".join(struct.pack("<h", frame) for frame in frames))
    return base64.b64encode(out.getvalue()).decode()


SERVER = """async ({ frames, stopAfter }) => {
  const { speech, log } = open({ synth: null });
  speech.unlock();
  await rest(200);
  const start = performance.now();
  const at = [];
  const told = async () => { while (!log.endings.length && performance.now() - start < 12000) await rest(5); };
  for (const frame of frames) speech.frame(frame);
  if (stopAfter) {
    await rest(stopAfter);
    at.push(performance.now());
    speech.stop();
    at.push(performance.now());
    speech.frame({ type: "speech.done" });
  }
  await told();
  const took = performance.now() - start;
  await rest(150);
  return {
    took, stopped: stopAfter ? at[1] - at[0] : 0, endings: log.endings, captions: log.captions, busy: speech.busy,
    lines: log.timelines.map(({ line, clock }) => [line.v.join(""), clock() === Infinity]),
  };
}"""


def frames(*, done: bool = True) -> list[dict[str, Any]]:
    line = {"t": [0, 0.2], "d": [0.2, 0.2], "v": ["a", "o"]}
    sound = [
        {"type": "speech.chunk", "seq": 0, "mime": "audio/wav", "b64": tone(0.5), "text": "はい。"},
        {"type": "speech.visemes", "seq": 0, **line},
        {"type": "speech.visemes", "seq": 1, **line, "v": ["i", "u"]},
        {"type": "speech.chunk", "seq": 1, "mime": "audio/wav", "b64": tone(0.6), "text": "どうぞ。"},
    ]
    return [{"type": "speech.started", "message": "m_1"}, *sound, *([{"type": "speech.done"}] if done else [])]


def test_sound_from_the_server_is_played_in_order_with_its_lips(page: Page) -> None:
    result = page.evaluate(SERVER, {"frames": frames(), "stopAfter": 0})
    assert 900 < result["took"] < 3500
    assert [(e["end"], e["heard"], e["message"], e["aloud"]) for e in result["endings"]] == [("done", 7, "m_1", True)]
    assert 1000 <= result["endings"][0]["played_ms"] <= 1300
    assert result["lines"] == [["ao", True], ["iu", True]]
    assert [c["text"] for c in result["captions"]] == ["はい。", "どうぞ。", ""]


def test_sound_from_the_server_stops_at_once_and_late_frames_do_nothing(page: Page) -> None:
    result = page.evaluate(SERVER, {"frames": frames(done=False), "stopAfter": 800})
    assert result["stopped"] < 150
    assert [e["end"] for e in result["endings"]] == ["interrupted"]
    assert 0 < result["endings"][0]["heard"] < 7
    assert not result["busy"]


def test_a_server_that_falls_silent_still_gives_an_ending(page: Page) -> None:
    result = page.evaluate(SERVER, {"frames": frames(done=False), "stopAfter": 0})
    assert [e["end"] for e in result["endings"]] == ["done"]
    assert 8000 < result["took"] < 12000


def test_unreadable_sound_is_left_out(page: Page) -> None:
    bad = [
        {"type": "speech.started", "message": "m_2"},
        {"type": "speech.chunk", "seq": 0, "b64": "!!"},
        {"type": "speech.visemes", "t": "x"},
        {"type": "__proto__"},
        {"type": "speech.done"},
    ]
    result = page.evaluate(SERVER, {"frames": bad, "stopAfter": 0})
    assert [(e["end"], e["heard"]) for e in result["endings"]] == [("done", 0)]


def test_captions_are_the_text_and_nothing_else(page: Page) -> None:
    bad = '<img src=x onerror="window.hit=1">'
    result = page.evaluate(
        """async (bad) => {
          const { speech, log } = open({ synth: null });
          const said = speech.speak(bad);
          await rest(50);
          speech.stop();
          await said;
          return { hit: window.hit ?? null, caption: log.captions[0].text };
        }""",
        bad,
    )
    assert result == {"hit": None, "caption": bad}


def test_the_microphone_gives_one_final_text_for_each_press(page: Page) -> None:
    result = page.evaluate(
        """async () => {
          const { createListener } = await import("/widget/voice/listen.js");
          let made = null;
          const results = (...parts) => ({ results: parts.map((transcript) => [{ transcript }]) });
          window.SpeechRecognition = class {
            constructor() { made = this; }
            start() {}
            stop() {
              setTimeout(() => { this.onresult(results("カードを", "止めて")); this.onend(); this.onend(); }, 20);
            }
            abort() { this.onend(); }
          };
          const log = [];
          const listener = createListener({
            locale: "ja",
            onText: (text, final) => log.push([text, final]),
            onState: (on) => log.push(on),
            onError: (code) => log.push(code),
          });
          const again = [listener.start(), listener.start()];
          made.onresult(results("カード"));
          listener.stop();
          await rest(100);
          listener.start();
          made.onerror({ error: "not-allowed" });
          made.onend();
          listener.start();
          listener.cancel();
          delete window.SpeechRecognition;
          return { log, again, lang: made.lang };
        }"""
    )
    assert result["again"] == [True, False]
    assert result["lang"] == "ja-JP"
    assert result["log"] == [
        True,
        ["カード", False],
        ["カードを止めて", False],
        False,
        ["カードを止めて", True],
        True,
        "denied",
        False,
        ["", True],
        True,
        False,
        ["", True],
    ]
