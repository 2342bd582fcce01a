// @ts-check
/** Words of the interface. What the server says lives in knowledge/phrases/. */
export default {
  name: "Assistant", ai: "AI", close: "Close", menu: "Menu", log: "Conversation", newer: "To the newest message",
  disclosure: "You are talking to an AI assistant. Please check important details.",
  place: "Type your question", send: "Send", stop: "Stop this answer", person: "Talk to a person",
  left: "{n} characters left", over: "{n} characters too long", hint: "Enter sends, Shift+Enter starts a new line",
  idle: "How can I help?", listening: "Listening", thinking: "Looking that up", speaking: "Answering",
  connecting: "Connecting", waiting: "The connection dropped. Reconnecting. Nothing you wrote is lost.",
  stopped: "We could not connect.", replaced: "This conversation was opened in another window.", again: "Reconnect", back: "Connected again",
  sending: "Sending", sent: "Sent", failed: "Not sent. Tap to try again", discard: "Discard", you: "You", agentRole: "Staff",
  cancelled: "Stopped here", interrupted: "This answer was cut off; what came is kept", redacted: "(This message was removed)",
  runFailed: "I could not answer that.", retry: "Ask again",
  sources: "Sources", source: "Source {n}: {title}", openSource: "Open the page",
  good: "Helpful", bad: "Not helpful", thanks: "Thank you", copy: "Copy", copied: "Copied",
  offer: "Shall I bring in a person?", yes: "Yes, please", no: "Not now", offerKept: "They will see what you have told me, so you need not repeat it.",
  queued: "You are in line for a person", joined: "{name} has joined", agentLeft: "{name} has left", released: "Back with the assistant",
  withdrawn: "You left the line", expired: "Nobody could take it just now. Your place is kept", contactEmail: "We will reply by e-mail", contactCallback: "We will call you back", contactWait: "You keep waiting here",
  closed: "This conversation has ended", reopen: "Start a new conversation", agentTyping: "{name} is typing",
  older: "Loading earlier messages", start: "Start of the conversation", says: "{who}: {text}", settings: "Settings",
};
