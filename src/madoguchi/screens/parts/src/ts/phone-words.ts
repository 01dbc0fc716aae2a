/** What can go wrong with a telephone in the browser, in words for the person at the desk. */

import { say } from "./words";

export type TroubleCode =
  | "microphone_denied" | "microphone_missing" | "microphone_busy" | "microphone_lost" | "microphone_silent"
  | "insecure_page" | "server_unreachable" | "registration_refused" | "media_lost" | "sound_blocked" | "no_credentials";

export function troubleWords(code: TroubleCode): string {
  switch (code) {
    case "microphone_denied":
      return say("マイクの使用が許可されていません。アドレスバーの左の印から「マイク」を許可して、もう一度確かめてください。",
        "The microphone is not allowed. Allow it at the sign left of the address, then check again.");
    case "microphone_missing":
      return say("マイクが見つかりません。ヘッドセットをつないで、もう一度確かめてください。",
        "No microphone was found. Plug the headset in, then check again.");
    case "microphone_busy":
      return say("マイクをほかのソフトが使っています。会議ソフトなどを閉じて、もう一度確かめてください。",
        "Another program holds the microphone. Close it, then check again.");
    case "microphone_lost":
      return say("マイクが外れました。つなぎ直すと自動で戻ります。", "The microphone was unplugged. It comes back when you plug it in.");
    case "microphone_silent":
      return say("マイクに声が届いていません。ヘッドセットのミュートと音量を確かめてください。",
        "No voice reaches the microphone. Look at the headset's mute switch and level.");
    case "insecure_page":
      return say("このアドレスではマイクを使えません。https で始まるアドレスで開いてください。",
        "This address cannot use the microphone. Open the page by https.");
    case "server_unreachable":
      return say("電話サーバーにつながりません。自動でつなぎ直しています。通話中の会話はそのまま続きます。",
        "The telephone server is out of reach. Reconnecting by itself; a call under way goes on.");
    case "registration_refused":
      return say("電話の登録が断られました。ページを読み直しても直らなければ、管理者にお知らせください。",
        "The telephone was refused. Reload the page; if it stays, tell the administrator.");
    case "media_lost":
      return say("音声の経路が切れました。つなぎ直しています。", "The sound was cut off. Restoring it.");
    case "sound_blocked":
      return say("ブラウザーが音を止めています。画面のどこかを一度押してください。", "The browser holds the sound back. Press anywhere once.");
    case "no_credentials":
      return say("電話の設定を読み込めませんでした。ページを読み直してください。", "The telephone's settings did not arrive. Reload the page.");
  }
}

/** Which trouble a refusal of getUserMedia means. */
export function microphoneTrouble(error: unknown): TroubleCode {
  const name = error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return "microphone_denied";
  if (name === "NotReadableError" || name === "AbortError") return "microphone_busy";
  return "microphone_missing";
}
