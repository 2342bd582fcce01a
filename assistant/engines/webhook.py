"""Events for other systems as Standard Webhooks: id, time and signature in headers, the body as it was stored."""

import json
from datetime import UTC, datetime

from standardwebhooks import Webhook

from assistant.engines.guarded import GuardedClient
from assistant.errors import SettingsError, Unavailable
from assistant.ports import Delivery

MOST_BYTES = 20_000


class WebhookOutlet:
    """Posts every event to one address. ``secret`` is ``whsec_…`` (base64)."""

    name = "webhook"

    def __init__(self, url: str, secret: str, client: GuardedClient) -> None:
        self._url, self._client = url, client
        try:
            self._signer = Webhook(secret)
        except Exception as error:  # the library raises whatever base64 does
            raise SettingsError("OMOTENASHI_WEBHOOK_SECRET must be whsec_ and base64, 24 bytes or more") from error

    async def send(self, delivery: Delivery) -> None:
        """Deliver one event; its id is the receiver's idempotency key. Raises Unavailable unless it is a 2xx."""
        text = json.dumps(_shortened(delivery), ensure_ascii=False, separators=(",", ":"))
        now = datetime.now(UTC)
        answer = await self._client.post(self._url, text.encode(), {
            "webhook-id": delivery.id, "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": self._signer.sign(delivery.id, now, text)})
        if not 200 <= answer.status_code < 300:
            raise Unavailable(f"status {answer.status_code}")


def _shortened(delivery: Delivery) -> dict[str, object]:
    """Give the body; one that is too long for a webhook leaves its brief to be fetched."""
    body = dict(delivery.body)
    if len(json.dumps(body, ensure_ascii=False).encode()) > MOST_BYTES:
        data = {key: value for key, value in dict(body["data"]).items() if key != "brief"}
        body["data"] = data | {"brief_omitted": True}
    return body
