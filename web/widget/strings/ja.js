// @ts-check
/** 画面のことば。サーバーが話す文は knowledge/phrases/ にある。 */
export default {
  name: "アシスタント", ai: "AI", close: "閉じる", menu: "メニュー", log: "会話", newer: "新しいメッセージへ",
  disclosure: "AIアシスタントがお答えします。内容は確認のうえご利用ください。",
  place: "ご質問を入力", send: "送信", stop: "回答を止める", person: "担当者と話す",
  left: "あと{n}文字", over: "{n}文字超えています", hint: "Enterで送信、Shift＋Enterで改行",
  idle: "ご質問をどうぞ", listening: "うかがっています", thinking: "確認しています", speaking: "お答えしています",
  connecting: "接続しています", waiting: "接続が切れました。つなぎ直しています。入力した内容は失われません。",
  stopped: "接続できませんでした。", replaced: "ほかの画面で会話が開かれました。", again: "つなぎ直す", back: "接続が戻りました",
  sending: "送信中", sent: "送信済み", failed: "送れませんでした。タップで再送", discard: "取り消す", you: "お客さま", agentRole: "担当者",
  cancelled: "ここで回答を止めました", interrupted: "途中で切れたため、ここまでを残しています", redacted: "（このメッセージは削除されました）",
  runFailed: "うまくお答えできませんでした。", retry: "もう一度たずねる",
  sources: "出典", source: "出典{n}：{title}", openSource: "ページを開く",
  good: "役に立った", bad: "役に立たなかった", thanks: "ありがとうございます", copy: "コピー", copied: "コピーしました",
  offer: "担当者におつなぎしましょうか？", yes: "担当者につなぐ", no: "今はいい", offerKept: "ここまでの内容は担当者に引き継がれます。",
  queued: "担当者の順番待ちに入りました", joined: "担当の{name}が入りました", agentLeft: "{name}が退出しました", released: "アシスタントに戻りました",
  withdrawn: "順番待ちをやめました", expired: "担当者につながりませんでした。順番は保たれています", contactEmail: "メールでのご連絡を承りました", contactCallback: "お電話でのご連絡を承りました", contactWait: "このままお待ちいただきます",
  closed: "この会話は終わりました", reopen: "新しい会話を始める", agentTyping: "{name}が入力中",
  older: "前のやりとりを読み込んでいます", start: "会話のはじまり", says: "{who}：{text}", settings: "設定",
};
