"""Every error Omotenashi raises on purpose; it owns codes and retry advice, not the sentences people read.

The tree (code, retryable, phrase key in ``knowledge/phrases``)::

    OmotenashiError                internal              no   error.internal
    ├─ BadRequest                  bad_request           no   error.bad_request
    │  ├─ BadJson                  bad_json              no   error.bad_request
    │  ├─ UnknownCommand           unknown_command       no   error.bad_request
    │  ├─ EmptyText                empty                 no   error.empty
    │  ├─ TextTooLong              too_long              no   error.too_long
    │  ├─ InvalidText              invalid_text          no   error.invalid_text
    │  └─ TxnConflict              txn_conflict          no   error.bad_request
    ├─ Unauthorized                unauthorized          no   error.unauthorized
    ├─ Forbidden                   forbidden             no   error.forbidden
    ├─ UnknownConversation         unknown_conversation  no   error.unknown_conversation
    ├─ NotAllowed                  not_allowed           no   error.not_allowed
    │  └─ DriverConflict           not_allowed           no   error.not_allowed
    ├─ RateLimited                 rate_limited          yes  error.rate_limited
    ├─ Unavailable                 unavailable           yes  error.unavailable
    │  ├─ ModelUnavailable         unavailable           yes  error.unavailable
    │  ├─ WriterUnavailable        unavailable           yes  error.unavailable
    │  ├─ IndexUnavailable         unavailable           yes  error.unavailable
    │  └─ StorageUnavailable       unavailable           yes  error.unavailable
    │     └─ StorageFull           storage_full          yes  error.storage_full
    └─ ConfigurationError          configuration         no   error.internal
       ├─ SettingsError
       └─ KnowledgeError           (names file and line)

Visitors only ever see the phrase in their language, never ``str(exc)``.
"""

from pathlib import Path
from typing import ClassVar


class OmotenashiError(Exception):
    """Base of the tree. ``code`` goes over the wire, ``phrase`` is looked up for the person who reads."""

    code: ClassVar[str] = "internal"
    retryable: ClassVar[bool] = False
    phrase: ClassVar[str] = "error.internal"


class BadRequest(OmotenashiError):
    """A client sent something that this protocol does not allow."""

    code = "bad_request"
    phrase = "error.bad_request"


class BadJson(BadRequest):
    """A frame is not one JSON object in UTF-8."""

    code = "bad_json"


class UnknownCommand(BadRequest):
    """A command's ``type`` is not in the protocol."""

    code = "unknown_command"


class EmptyText(BadRequest):
    """A message holds no visible character."""

    code = "empty"
    phrase = "error.empty"


class TextTooLong(BadRequest):
    """A message is longer than its sender may write."""

    code = "too_long"
    phrase = "error.too_long"


class InvalidText(BadRequest):
    """A text holds code points that cannot be stored or shown (lone surrogates, NUL)."""

    code = "invalid_text"
    phrase = "error.invalid_text"


class TxnConflict(BadRequest):
    """The same transaction id came again with another payload."""

    code = "txn_conflict"


class Unauthorized(OmotenashiError):
    """Nobody is signed in, or the token is wrong or has run out."""

    code = "unauthorized"
    phrase = "error.unauthorized"


class Forbidden(OmotenashiError):
    """Somebody is signed in, but may not do this."""

    code = "forbidden"
    phrase = "error.forbidden"


class UnknownConversation(OmotenashiError):
    """No such conversation, or not theirs: both answer the same, so that ids cannot be probed."""

    code = "unknown_conversation"
    phrase = "error.unknown_conversation"


class NotAllowed(OmotenashiError):
    """The state does not allow this move now."""

    code = "not_allowed"
    phrase = "error.not_allowed"


class DriverConflict(NotAllowed):
    """Somebody else holds the conversation: a compare-and-set on its driver lost."""


class RateLimited(OmotenashiError):
    """Too much in too short a time; ``retry_after_ms`` says when to come back."""

    code = "rate_limited"
    retryable = True
    phrase = "error.rate_limited"

    def __init__(self, message: str, retry_after_ms: int) -> None:
        super().__init__(message)
        self.retry_after_ms = retry_after_ms


class Unavailable(OmotenashiError):
    """A part that this needs does not answer now."""

    code = "unavailable"
    retryable = True
    phrase = "error.unavailable"


class ModelUnavailable(Unavailable):
    """An embedding, emotion or voice model is missing, broken or unreachable."""


class WriterUnavailable(Unavailable):
    """The language model failed before or during a reply."""


class IndexUnavailable(Unavailable):
    """There is no usable index yet, or it does not fit the model."""


class StorageUnavailable(Unavailable):
    """The database does not take this now."""


class StorageFull(StorageUnavailable):
    """The disk is full: nothing was stored and nothing is acknowledged."""

    code = "storage_full"
    phrase = "error.storage_full"


class ConfigurationError(OmotenashiError):
    """The operator or the content team must mend something; the message says what and where."""

    code = "configuration"


class SettingsError(ConfigurationError):
    """A setting in the environment is unknown, obsolete or out of range."""


class KnowledgeError(ConfigurationError):
    """A file in the knowledge folder is wrong; ``path`` and ``line`` (from 1, 0 = whole file) say where."""

    def __init__(self, path: Path, line: int, message: str) -> None:
        super().__init__(f"{path}:{line}: {message}" if line else f"{path}: {message}")
        self.path = path
        self.line = line
