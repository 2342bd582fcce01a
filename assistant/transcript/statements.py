"""The transcript's statements, built once: putting one together costs more than SQLite needs to run it."""

from sqlalchemy import bindparam, delete, insert, select, update

from assistant.database import conversations, facts, runs

_ID = conversations.c.id == bindparam("conversation")

CONVERSATION = select(conversations).where(_ID)
CONVERSATION_LOCKED = CONVERSATION.with_for_update()
NEW_CONVERSATION = insert(conversations)
CHANGE_CONVERSATION = update(conversations).where(_ID)
_ALIVE = select(facts.c.conversation).where(facts.c.at >= bindparam("before"))
FORGET = delete(conversations).where(conversations.c.created_at < bindparam("before"),
                                     conversations.c.id.not_in(_ALIVE))

LATEST = (select(conversations).where(conversations.c.visitor == bindparam("visitor"))
          .order_by(conversations.c.created_at.desc()).limit(1))

_IN_CONVERSATION = facts.c.conversation == bindparam("conversation")

NEW_FACTS = insert(facts)
REPEATED = (select(facts).where(_IN_CONVERSATION, facts.c.principal == bindparam("principal"),
                                facts.c.txn.in_(bindparam("txns", expanding=True))).order_by(facts.c.seq))
FACTS_AFTER = (select(facts).where(_IN_CONVERSATION, facts.c.seq > bindparam("seq"))
               .order_by(facts.c.seq).limit(bindparam("most")))
FACTS_BEFORE = (select(facts).where(_IN_CONVERSATION, facts.c.seq < bindparam("seq"))
                .order_by(facts.c.seq.desc()).limit(bindparam("most")))
MESSAGES = (select(facts).where(_IN_CONVERSATION, facts.c.type == "message.created")
            .order_by(facts.c.seq.desc()).limit(bindparam("most")))

NEW_RUN = insert(runs)
CHANGE_RUN = update(runs).where(runs.c.id == bindparam("run"), runs.c.state == "open")
KNOWN_RUN = select(runs.c.id).where(runs.c.id == bindparam("run"))
"""``CHANGE_…`` take the new values as parameters beside the key."""
