// @ts-check
/** Words of the line, other ways to be reached, how it went, settings and voice: fetched when they are needed. */
export default {
  queueTitle: "Waiting for a person", ringing: "Calling a colleague", position: "No. {n} in line", ahead: "{n} ahead of you",
  next: "You are next", wait: "about {lo}–{hi} min", waitOne: "about {n} min", waitUnknown: "no reliable estimate yet",
  kept: "Your place is kept, even if you close this window or lose the connection.",
  helps: "{name} keeps helping while you wait.", leave: "Leave the line", email: "Reply by e-mail", callback: "Call me back",
  wait_: "Keep waiting", shut: "Our staff are off duty now",
  opens: "Next: {when}", shutHelp: "Choose how we should reach you. Everything you wrote is passed on.", emailLabel: "E-mail address",
  phoneLabel: "Phone number", windowLabel: "Best time", anyTime: "Any time", morning: "Morning (9–12)",
  afternoon: "Afternoon (12–15)", evening: "Late afternoon (15–18)", submit: "Request this", back_: "Back",
  emailBad: "Please check the e-mail address", phoneBad: "Please check the phone number",
  effort: "How easy was it to get this done?", effortLow: "Very hard", effortHigh: "Very easy",
  satisfaction: "How was it overall?", satLow: "Poor", satHigh: "Excellent", comment: "Anything you would like to add?",
  commentSend: "Send", skip: "Skip", feedbackThanks: "Thank you for telling us.",
  language: "Language / 言語", theme: "Appearance", themeAuto: "Automatic", themeLight: "Light", themeDark: "Dark",
  textOnly: "Text only", voice: "Read answers aloud", captions: "Show captions", fresh: "New conversation",
  mic: "Speak your question", micNote: "Your voice goes to your browser's speech service. Press again to go on.",
  micFailed: "I could not hear you.",
};
