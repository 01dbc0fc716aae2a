/** What was typed and not yet taken by the server, per call, in this tab: it outlives a reload and an outage. */

/** Fields of the form by name, and the version of the text that they are based on. */
export type Draft = { version: number } & Record<string, unknown>;

const PREFIX = "madoguchi.draft.";

export const drafts = {
  of(callId: string): Draft | null {
    const kept = sessionStorage.getItem(PREFIX + callId);
    if (!kept) return null;
    try {
      return { version: 0, ...JSON.parse(kept) as Record<string, unknown> };
    } catch {
      sessionStorage.removeItem(PREFIX + callId);
      return null;
    }
  },

  keep(callId: string, draft: Draft): void {
    sessionStorage.setItem(PREFIX + callId, JSON.stringify(draft));
  },

  /** Let go of it; with `taken` only when nothing was typed since. */
  forget(callId: string, taken?: Draft): void {
    const kept = sessionStorage.getItem(PREFIX + callId);
    if (taken === undefined || kept === JSON.stringify(taken)) sessionStorage.removeItem(PREFIX + callId);
  },

  /** Try once for each call that has gone from the desk meanwhile; what is refused stays in the tab. */
  async sendLeftOvers(here: string | null, send: (callId: string, draft: Draft) => Promise<unknown>): Promise<void> {
    const keys = Object.keys(sessionStorage).filter((key) => key.startsWith(PREFIX) && key !== PREFIX + (here ?? ""));
    for (const callId of keys.map((key) => key.slice(PREFIX.length))) {
      const draft = drafts.of(callId);
      if (draft) await send(callId, draft).then(() => drafts.forget(callId, draft), () => undefined);
    }
  },
};
