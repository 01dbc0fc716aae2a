/** Requests to our own server from islands, with the CSRF token and errors in plain words. */

import { say } from "./words";

export class ServerRefused extends Error {
  constructor(readonly status: number, message: string, readonly code: string | null = null) {
    super(message);
  }
}

export function csrfToken(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content ?? "";
}

export async function fetchJson<T>(url: string, options: RequestInit = {}): Promise<T> {
  const headers = new Headers(options.headers);
  headers.set("Accept", "application/json");
  if (options.method && options.method !== "GET") headers.set("X-CSRFToken", csrfToken());
  if (typeof options.body === "string") headers.set("Content-Type", "application/json");
  const answer = await fetch(url, { credentials: "same-origin", ...options, headers });
  const isJson = (answer.headers.get("Content-Type") ?? "").includes("json");
  const body: unknown = isJson ? await answer.json() : null;
  if (!answer.ok) throw refusal(answer.status, body);
  return body as T;
}

export function postJson<T>(url: string, body: unknown, options: RequestInit = {}): Promise<T> {
  return fetchJson<T>(url, { ...options, method: "POST", body: JSON.stringify(body) });
}

/** The server says what is wrong as {error: {code, message}}; without it the status has words of its own. */
function refusal(status: number, body: unknown): ServerRefused {
  const { error } = (body ?? {}) as { error?: { code?: unknown; message?: unknown } };
  const message = typeof error?.message === "string" ? error.message : plainWords(status);
  return new ServerRefused(status, message, typeof error?.code === "string" ? error.code : null);
}

/** What a status means for the person at the desk. */
export function plainWords(status: number): string {
  if (status === 401 || status === 403) {
    return say("この操作の権限がないか、ログインが切れています。ページを読み直してください。",
      "You may not do this, or your log-in has ended. Reload the page.");
  }
  if (status === 404) return say("見つかりませんでした。すでに終わったものかもしれません。", "Not found. It may be over already.");
  if (status === 409) return say("ほかの人が先に変更しました。最新の内容を確かめてください。", "Someone was first. Look at the newest version.");
  if (status === 429) return say("操作が続きすぎています。少し待ってからもう一度お試しください。", "Too many requests. Wait a little and try again.");
  return say("サーバーが応答しませんでした。入力はこの画面に残っています。少し待ってもう一度お試しください。",
    "The server did not answer. What you typed is still here. Wait a little and try again.");
}
