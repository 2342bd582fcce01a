"""Which other systems this server tells and hears, made from the settings."""

from collections.abc import Sequence

from assistant.engines.chatwoot import ChatwootOutlet, Inbox, Mirror
from assistant.engines.guarded import GuardedClient
from assistant.engines.webhook import WebhookOutlet
from assistant.errors import SettingsError
from assistant.handoff import mirrors
from assistant.ports import Outlet
from assistant.settings import Settings
from assistant.transcript.store import Store

CHATWOOT = "chatwoot"


class StoredMirrors:
    """Chatwoot's names of conversations, kept in the database."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def get(self, conversation: str) -> Mirror | None:
        """Give a conversation's mirror."""
        row = await mirrors.find(self._store, CHATWOOT, conversation)
        return Mirror(row.contact, row.thread, row.seq) if row else None

    async def put(self, conversation: str, mirror: Mirror) -> None:
        """Keep it."""
        await mirrors.keep(self._store, CHATWOOT, conversation, mirror.contact, mirror.thread, mirror.seq)


def make_outlets(settings: Settings, store: Store, client: GuardedClient) -> Sequence[Outlet]:
    """Make the outlets that are set up. Raises SettingsError for one that is set up by half."""
    made: list[Outlet] = []
    if settings.webhook_url:
        if not settings.webhook_secret:
            raise SettingsError("OMOTENASHI_WEBHOOK_URL needs OMOTENASHI_WEBHOOK_SECRET (whsec_…): receivers must be "
                                "able to check who sent an event")
        made.append(WebhookOutlet(settings.webhook_url, settings.webhook_secret, client))
    if settings.chatwoot_url:
        if not (settings.chatwoot_inbox and settings.chatwoot_account and settings.chatwoot_token
                and settings.chatwoot_secret):
            raise SettingsError("OMOTENASHI_CHATWOOT_URL needs OMOTENASHI_CHATWOOT_INBOX, _ACCOUNT, _TOKEN and _SECRET")
        inbox = Inbox(settings.chatwoot_url, settings.chatwoot_inbox, settings.chatwoot_account,
                      settings.chatwoot_token)
        made.append(ChatwootOutlet(inbox, client, StoredMirrors(store)))
    return made
