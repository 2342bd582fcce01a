"""``serve``: wires the parts of one server together and runs it. The only place that knows all of them."""

import argparse
import asyncio
import logging
from typing import Any

from assistant.commands.company import Company, load_company, saved_index
from assistant.commands.knowledge import add_folders
from assistant.commands.live import LiveKnowledge
from assistant.commands.outlets import make_outlets
from assistant.commands.people import Needs, Outward, assemble_people
from assistant.commands.retention import Retention
from assistant.database import open_database
from assistant.engines.extract import ExtractWriter
from assistant.engines.guarded import GuardedClient
from assistant.engines.registry import make_judge, make_voice
from assistant.flows.speech import SpeechFlow
from assistant.flows.turn import Stages, TurnFlow
from assistant.phrases import LANGUAGES, Phrases
from assistant.server.app import build_app, signing_secret
from assistant.server.desk_routes import desk_routes
from assistant.server.hooks import hook_routes
from assistant.server.hub import Hub
from assistant.server.parts import Face, Flows, Parts
from assistant.server.running import serve
from assistant.settings import Settings, packaged
from assistant.transcript.store import Store
from assistant.voice.plain import Names


def add_commands(commands: Any) -> None:
    """Add ``serve`` to the parser."""
    parser = commands.add_parser("serve", help="run the server with widget, demo site and desk",
                                 description="Serves the widget, the demo site, the desk and the sockets. "
                                             "Reads the knowledge folder at start and whenever a file changes.")
    add_folders(parser)
    parser.add_argument("--host", help="address to listen on (default 127.0.0.1)")
    parser.add_argument("--port", type=int, help="port to listen on (default 8000)")
    parser.add_argument("--database", metavar="URL", help="SQLAlchemy address (default: SQLite in ./.omotenashi)")
    parser.add_argument("--threads", type=int, help="processor threads for the embedding model (default 1)")
    parser.set_defaults(run=run_serve)


async def run_serve(options: argparse.Namespace, settings: Settings) -> int:
    """Run the server until it is told to stop."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    index = await asyncio.to_thread(saved_index, settings)
    company = load_company(settings, index)
    await serve(build_app(assemble(company, settings)), settings)
    return 0


def assemble(company: Company, settings: Settings) -> Parts:
    """Make the server's parts around one company."""
    store = Store(open_database(settings.database))
    hub = Hub(store.facts_after)
    client = GuardedClient(private=settings.webhook_private)
    outward = Outward(make_outlets(settings, store, client), signing_secret(settings))
    people = assemble_people(Needs(
        knowledge=company.knowledge, packaged=packaged("knowledge"), phrases=company.phrases, policy=company.policy,
        retriever=company.retriever, embedder=company.embedder, quoting=ExtractWriter(),
    ), store, hub, lambda conversation: turn.cancel(conversation), outward)
    turn = TurnFlow(Stages(
        store=store, broadcast=hub, phrases=company.phrases, policy=company.policy, listener=company.listener,
        embedder=company.embedder, judge=make_judge(settings, company.understanding, company.listener),
        retriever=company.retriever, composer=company.composer, hand_over=people.side.hand_over,
    ))
    waiting = people.waiting(turn.take)
    live = LiveKnowledge(company, settings, turn)
    speech = make_speech(settings, store, hub, company.phrases)
    retention = Retention(store, settings.keep_days)
    return Parts(
        settings=settings, store=store, hub=hub, phrases=company.phrases,
        flows=Flows(take=waiting.take, cancel=turn.cancel, drain=turn.drain, joined=waiting.joined,
                    commands={**waiting.commands, **speech.commands}),
        faces={language: face(company, language) for language in LANGUAGES},
        company=company.persona.company, page=live.page, ready=live.ready,
        voice=lambda language: speaker(settings, speech, language),
        start=(live.start, speech.start, retention.start, *people.start),
        stop=(speech.stop, waiting.stop, *people.stop, retention.stop, live.stop, client.close),
        routers=(desk_routes(settings, people.desk), hook_routes(settings, people.post)),
        doors={"/v1/agent": people.door},
    )


def make_speech(settings: Settings, store: Store, hub: Hub, phrases: Phrases) -> SpeechFlow:
    """Make the flow of sound; it watches the hub, and frames only where this server has a voice."""
    voice, places = make_voice(settings)
    names = {language: Names(*(phrases.say(f"speech.{key}", language) for key in ("link", "email", "table")))
             for language in LANGUAGES}
    speech = SpeechFlow(store, hub, names, voice, places)
    if voice is not None:
        hub.watchers.append(speech.saw_facts)
        hub.frame_watchers.append(speech.saw_frame)
    return speech


def speaker(settings: Settings, speech: SpeechFlow, language: str) -> str:
    """Tell who speaks a language: this server where it has a voice, else the visitor's browser, or nobody."""
    if settings.voice in ("browser", "off"):
        return str(settings.voice)
    return str(settings.voice) if speech.speaks(language) else "browser"


def face(company: Company, language: str) -> Face:
    """Give who the visitor talks to, in one language."""
    persona, phrases = company.persona, company.phrases
    values = persona.fill(language)
    return Face(
        name=values["name"], role=values["role"], look=persona.look,
        greeting=phrases.say("session.greeting", language, **values),
        disclosure=phrases.say("session.disclosure", language, **values),
        quick_replies=tuple(phrases.say(f"quick.{n}", language) for n in ("one", "two", "three")),
    )
