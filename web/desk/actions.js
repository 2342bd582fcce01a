// @ts-check
/** What an agent can do, as commands; the views change only when the server's facts come back. */

const BRIEF_MS = 4000;

export class Actions {
  #app;
  /** Names of things under way, so that a second press does nothing. @type {Set<string>} */
  busy = new Set();
  #typed = 0;
  /** Talks whose brief will be read anew. @type {Set<string>} */
  #briefing = new Set();

  /** @param {import("./app.js").App} app */
  constructor(app) {
    this.#app = app;
  }

  /** Shows a conversation. @param {string} conversation @param {{kept?: boolean, focus?: boolean}} [how] */
  async open(conversation, { kept = false, focus = true } = {}) {
    const { store, link, storage } = this.#app;
    const before = store.current;
    if (before && before !== conversation && !store.mine.has(before) && store.talks.get(before)?.state !== "kept") {
      store.talks.delete(before);
      link.ask("conversation.leave", before).catch(() => {});
    }
    store.current = conversation;
    store.alerts = store.alerts.filter((a) => a.conversation !== conversation);
    storage.set("current", kept ? null : conversation);
    const talk = store.keep(conversation);
    this.#app.shell.show("talk", focus);
    this.#app.refresh();
    if (talk.state === "loading" || talk.state === "failed") await (kept ? this.#read(talk) : this.#listen(talk));
    this.#app.looked();
    void this.#customer(talk);
  }

  /** Nothing in the middle. */
  shut() {
    const { store, storage } = this.#app;
    if (store.current && !store.mine.has(store.current)) {
      this.#app.link.ask("conversation.leave", store.current).catch(() => {});
      store.talks.delete(store.current);
    }
    store.current = "";
    storage.remove("current");
    this.#app.shell.show("line", true);
    this.#app.refresh();
  }

  /** After every (re)connection: all that is mine and what is being looked at, from where it stopped. @param {boolean} first */
  reopen(first) {
    const { store, storage } = this.#app;
    if (first && !store.current) {
      const last = storage.get("current");
      if (last && (store.mine.has(last) || store.ticketOf(last))) void this.open(last, { focus: false });
      else if (store.mine.size) void this.open([...store.mine.keys()][0], { focus: false });
    }
    for (const talk of store.talks.values()) if (talk.state === "live") void this.catchUp(talk);
    this.follow();
  }

  /** Listens to everything that is mine, so that unread messages are known. */
  follow() {
    const { store } = this.#app;
    for (const id of store.mine.keys()) {
      const talk = store.keep(id);
      if (talk.state === "loading" && !this.busy.has(`open ${id}`)) void this.#listen(talk);
    }
  }

  /** @param {import("./talk.js").Talk} talk */
  async catchUp(talk) {
    let more = false;
    await this.#once(`open ${talk.id}`, async () => (more = (await this.#app.link.ask("conversation.open", talk.id, { last_seq: talk.order.last })).more));
    if (more) await this.whole(talk).then(() => this.catchUp(talk));
  }

  /** @param {import("./talk.js").Talk} talk */
  async #listen(talk) {
    const { link, store } = this.#app;
    await this.#once(`open ${talk.id}`, async () => {
      try {
        const ack = await link.ask("conversation.open", talk.id, talk.order.last ? { last_seq: talk.order.last } : {});
        talk.driver ||= ack.driver ?? "";
        window.setTimeout(() => this.#settled(talk), 0);
        talk.state = "live";
        if (talk.id !== store.current) talk.unseen(store.mine.get(talk.id)?.unread ?? 0);
      } catch (why) {
        if (/** @type {any} */ (why).code !== "lost") talk.state = "failed";
        else window.setTimeout(() => link.state === "ready" && talk.state === "loading" && void this.#listen(talk), 500);
      }
    });
    this.#app.refresh();
  }

  /** The facts follow the ack: once they are in, what is unread is known. @param {import("./talk.js").Talk} talk */
  #settled(talk) {
    const { store } = this.#app;
    window.setTimeout(() => {
      if (talk.id === store.current) this.#app.looked();
      else if (store.mine.has(talk.id)) talk.unseen(store.mine.get(talk.id)?.unread ?? 0);
      this.#app.refresh();
    }, 150);
  }

  /** A closed conversation, once. @param {import("./talk.js").Talk} talk */
  async #read(talk) {
    try {
      const kept = await this.#app.api.get(`conversations/${encodeURIComponent(talk.id)}`);
      talk.rebuild(kept.facts);
      talk.brief = kept.brief;
      talk.customer = kept.customer;
      talk.state = "kept";
    } catch {
      talk.state = "failed";
    }
    this.#app.refresh();
  }

  /** Older facts that the socket left out. @param {import("./talk.js").Talk} talk */
  async whole(talk) {
    await this.#once(`whole ${talk.id}`, async () => talk.rebuild((await this.#app.api.get(`conversations/${encodeURIComponent(talk.id)}`)).facts));
    this.#app.refresh();
  }

  /** Who the customer is and what was before. @param {import("./talk.js").Talk} talk */
  async #customer(talk) {
    const { store, api } = this.#app;
    const visitor = talk.customer?.ref ?? store.mine.get(talk.id)?.visitor ?? talk.brief?.customer?.ref;
    if (talk.earlier || !visitor) return;
    try {
      const { conversations } = await api.get(`conversations?customer=${encodeURIComponent(visitor)}`);
      talk.earlier = conversations.filter((/** @type {any} */ c) => c.conversation !== talk.id);
    } catch {
      talk.earlier = null;
    }
    this.#app.refresh();
  }

  /** The brief names the customer; then their earlier talks can be found. */
  briefed() {
    const { talk } = this.#app.store;
    if (talk) void this.#customer(talk);
  }

  /** What was just promised belongs into the brief; reading it is audited, so not after every sentence. @param {import("./talk.js").Talk} talk */
  rebrief(talk) {
    if (!talk.brief || this.#briefing.has(talk.id)) return;
    this.#briefing.add(talk.id);
    window.setTimeout(async () => {
      this.#briefing.delete(talk.id);
      try {
        talk.brief = await this.#app.api.get(`conversations/${encodeURIComponent(talk.id)}/brief`);
        this.#app.refresh();
      } catch {
        // The brief of before stays.
      }
    }, BRIEF_MS);
  }

  /** @param {any} [ticket] the ticket, else what rings, else what is open, else what is chosen in the line */
  async accept(ticket) {
    const { store, shell, t } = this.#app;
    const taken = ticket ?? [...store.ringing.values()][0]?.ticket ?? (store.rights.accept ? store.rights.ticket : null) ?? shell.chosen();
    if (!taken) return;
    await this.#do("handoff.accept", taken.conversation, { ticket: taken.ticket }, async () => {
      store.ringing.delete(taken.ticket);
      const opened = this.open(taken.conversation);
      shell.composer.focusSoon(); // the first word can be written while the talk is still on its way
      await opened;
    }, () => this.#app.toast(t("takenAlready"), "warn"));
  }

  /** @param {any} ticket */
  decline(ticket) {
    this.#app.store.ringing.delete(ticket.ticket);
    this.#app.refresh();
    return this.#do("handoff.decline", ticket.conversation, { ticket: ticket.ticket });
  }

  /** @param {string} command @param {object} data @param {() => void} [done] */
  settle(command, data, done) {
    return this.#do(command, this.#app.store.current, data, done);
  }

  join() {
    return this.#do("supervisor.join", this.#app.store.current, {}, () => this.#app.shell.composer.focusSoon());
  }

  pull() {
    const { current } = this.#app.store;
    return this.#do("agent.pull", current, { conversation: current }, () => this.#app.shell.composer.focusSoon());
  }

  callSupervisor() {
    const { t } = this.#app;
    return this.#do("supervisor.call", this.#app.store.current, {}, (ack) => (ack.supervisors === 0 ? this.#app.toast(t("supervisorNone"), "warn") : this.#app.toast(t("supervisorCalled", { n: ack.supervisors ?? 1 }), "good")));
  }

  /** @param {string} text @param {any} [suggestion] */
  send(text, suggestion) {
    this.#typed = 0;
    this.#app.link.command("message.send", this.#app.store.current, suggestion ? { text, suggestion } : { text });
  }

  /** @param {string} text */
  note(text) {
    this.#app.link.command("note.add", this.#app.store.current, { text });
  }

  typing() {
    if (Date.now() - this.#typed < 6000) return;
    this.#typed = Date.now();
    this.#app.link.tell("typing", this.#app.store.current, { on: true });
  }

  suggest() {
    const { talk, rights } = this.#app.store;
    if (!talk || !rights.write || talk.asking) return;
    talk.asking = true;
    this.#app.refresh();
    window.setTimeout(() => ((talk.asking = false), this.#app.refresh()), 8000);
    this.#app.link.ask("suggestion.request", talk.id).then((ack) => {
      if (ack.found === 0) this.#app.store.frame({ type: "suggestion", conversation: talk.id, items: [] });
      this.#app.refresh();
    }, (why) => {
      talk.asking = false;
      this.#why(why);
    });
  }

  /** @param {import("./talk.js").Item} item */
  async unveil(item) {
    await this.#do("veil.open", this.#app.store.current, { message: item.message }, (/** @type {any} */ ack) => {
      if (ack?.text) item.text = ack.text;
      item.opened = true;
      this.#app.refresh();
    });
  }

  /** @param {string} presence */
  async presence(presence) {
    await this.#do("presence.set", undefined, { presence }, () => (this.#app.store.presence = presence));
  }

  async signOut() {
    const { api, options, storage } = this.#app;
    if (this.#app.link.outbox.next() && !window.confirm(this.#app.t("unsentLeave"))) return;
    try {
      await api.post("sign-out");
    } catch {
      return this.#app.toast(this.#app.t("unreachable"), "bad");
    }
    for (const key of storage.keys()) if (/^(out\.|draft\.|current)/.test(key)) storage.remove(key);
    options.leave();
  }

  /** @param {string} command @param {string | undefined} conversation @param {object} data @param {(ack: any) => any} [done] @param {() => void} [lost] */
  async #do(command, conversation, data, done, lost) {
    await this.#once(`${command} ${conversation}`, async () => {
      try {
        await done?.(await this.#app.link.ask(command, conversation, data));
      } catch (why) {
        if (lost && /** @type {any} */ (why).code === "not_allowed") lost();
        else this.#why(why);
      }
    });
    this.#app.refresh();
  }

  /** @param {any} why */
  #why(why) {
    if (why instanceof Error) throw why;
    this.#app.toast(why.code === "lost" ? this.#app.t("notConnected") : why.message || this.#app.t("refused"), "bad");
  }

  /** @param {string} name @param {() => Promise<any>} work */
  async #once(name, work) {
    if (this.busy.has(name)) return;
    this.busy.add(name);
    this.#app.refresh();
    try {
      await work();
    } catch (why) {
      if (why instanceof Error && why.name !== "Error") throw why;
    } finally {
      this.busy.delete(name);
    }
  }
}
