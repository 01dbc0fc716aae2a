/**
 * A recording that the server cannot read (the M4A of a telephone's voice memo, AAC, WebM) becomes a WAV file in
 * the browser, which can. Where it cannot either, the file goes as it is, and the server says what is wrong.
 */

import { mixed, wavOf } from "./wav";
import { say } from "./words";

const READ_BY_THE_SERVER = /\.(wav|wave|flac|ogg|oga|opus|mp3)$/i;
/** More than a telephone carries, and five minutes stay below what may be uploaded. */
const RATE = 24_000;

export function listenForUploads(): void {
  document.addEventListener("change", (event) => {
    const input = event.target;
    if (input instanceof HTMLInputElement && "makesWav" in input.dataset) void convert(input);
  });
}

async function convert(input: HTMLInputElement): Promise<void> {
  const file = input.files?.[0];
  if (!file || READ_BY_THE_SERVER.test(file.name)) return;
  input.setCustomValidity(say("変換しています。少しお待ちください。", "Being converted. One moment, please."));
  try {
    const sound = await new OfflineAudioContext(1, 1, RATE).decodeAudioData(await file.arrayBuffer());
    // Another file may have been chosen in the meantime.
    if (input.files?.[0] !== file) return;
    const channels = Array.from({ length: sound.numberOfChannels }, (_, each) => sound.getChannelData(each));
    const chosen = new DataTransfer();
    chosen.items.add(new File([wavOf(mixed(channels), RATE)], `${file.name}.wav`, { type: "audio/wav" }));
    input.files = chosen.files;
  } catch (error) {
    console.info("This browser does not read the file either.", error);
  } finally {
    input.setCustomValidity("");
  }
}
