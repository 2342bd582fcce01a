// @ts-check
/** 順番待ち、ご連絡先、ご感想、設定、音声のことば。必要になってから読み込む。 */
export default {
  queueTitle: "担当者をお待ちです", ringing: "担当者を呼び出しています", position: "{n}番目", ahead: "前に{n}人", next: "次のご案内です", wait: "目安 {lo}〜{hi}分",
  waitOne: "目安 約{n}分", waitUnknown: "目安の時間はまだ分かりません", kept: "順番は保たれます。画面を閉じても、つながりが切れても大丈夫です。", helps: "お待ちの間も{name}がお答えします。",
  leave: "順番待ちをやめる", email: "メールで連絡", callback: "電話をもらう", wait_: "このまま待つ", shut: "ただいま担当者の受付時間外です",
  opens: "次の受付：{when}", shutHelp: "ご連絡の方法をお選びください。内容はそのまま引き継がれます。", emailLabel: "メールアドレス", phoneLabel: "電話番号", windowLabel: "ご希望の時間帯", anyTime: "いつでも",
  morning: "午前（9〜12時）", afternoon: "午後（12〜15時）", evening: "夕方（15〜18時）", submit: "これで依頼する", back_: "戻る",
  emailBad: "メールアドレスをご確認ください", phoneBad: "電話番号をご確認ください", effort: "ご用件は、簡単に済みましたか？", effortLow: "とても大変", effortHigh: "とても簡単",
  satisfaction: "全体として、いかがでしたか？", satLow: "不満", satHigh: "満足", comment: "よろしければ、ひとことお聞かせください", commentSend: "送る", skip: "答えない",
  feedbackThanks: "お答えいただき、ありがとうございました。",
  language: "Language / 言語", theme: "明るさ", themeAuto: "自動", themeLight: "明るい", themeDark: "暗い", textOnly: "文字だけで使う",
  voice: "声で読み上げる", captions: "字幕を表示する", fresh: "新しい会話を始める", mic: "声で入力する",
  micNote: "声はお使いのブラウザの音声認識サービスに送られます。よろしければ、もう一度押してください。", micFailed: "声を聞き取れませんでした。",
};
