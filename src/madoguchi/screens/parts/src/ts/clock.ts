/** Time as people feel it: running clocks, "3分前", "昨日 14:05". Pure: `now` is an argument. */

import type { Language } from "./words";

const DAYS_JA = ["日", "月", "火", "水", "木", "金", "土"];
const DAYS_EN = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
export const ZONE = "Asia/Tokyo";

interface LocalTime {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: string;
  second: string;
  weekday: number;
  /** Days since the epoch in local time, to compare dates. */
  dayNumber: number;
}

/** The wall clock in the centre's zone, whatever zone the computer is set to. */
export function localTime(at: Date, zone: string = ZONE): LocalTime {
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone, year: "numeric", month: "numeric", day: "numeric",
    hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
  }).formatToParts(at);
  const get = (type: string): string => parts.find((part) => part.type === type)?.value ?? "0";
  const [year, month, day] = [Number(get("year")), Number(get("month")), Number(get("day"))];
  const midnight = Date.UTC(year, month - 1, day);
  return {
    year, month, day, hour: Number(get("hour")), minute: get("minute"), second: get("second"),
    weekday: new Date(midnight).getUTCDay(), dayNumber: Math.floor(midnight / 86_400_000),
  };
}

/** Seconds as a running clock: 0:42, 12:05, 1:02:03, 2日21時間. Negative spans count as zero. */
export function runningClock(seconds: number, language: Language = "ja"): string {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (value: number): string => String(value).padStart(2, "0");
  const minutes = Math.floor(whole / 60);
  if (minutes >= 1440) {
    const [days, hours] = [Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60)];
    return language === "ja" ? `${days}日${hours}時間` : `${days} d ${hours} h`;
  }
  if (minutes < 60) return `${minutes}:${two(whole % 60)}`;
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(whole % 60)}`;
}

/** A past moment in words: たった今, 3分前, 今日 14:05, 昨日 14:05, 11/20 (木) 18:30. */
export function timeAgo(at: Date, now: Date, lang: Language): string {
  const seconds = (now.getTime() - at.getTime()) / 1000;
  const local = localTime(at);
  const days = localTime(now).dayNumber - local.dayNumber;
  const clock = `${local.hour}:${local.minute}`;
  if (seconds >= 0 && seconds < 60) return lang === "en" ? "just now" : "たった今";
  if (seconds >= 0 && seconds < 3600) {
    const minutes = Math.floor(seconds / 60);
    return lang === "en" ? `${minutes} min ago` : `${minutes}分前`;
  }
  const words: Record<number, [string, string]> = {
    0: ["今日", "today"], 1: ["昨日", "yesterday"], [-1]: ["明日", "tomorrow"],
  };
  const word = words[days];
  if (word) return `${lang === "en" ? word[1] : word[0]} ${clock}`;
  const weekday = lang === "en" ? DAYS_EN[local.weekday] : DAYS_JA[local.weekday];
  const year = localTime(now).year === local.year ? "" : `${local.year}/`;
  return `${year}${local.month}/${local.day} (${weekday}) ${clock}`;
}

/** The exact time for the hover: 2026/11/21 (土) 14:05:09. */
export function exactTime(at: Date, lang: Language): string {
  const local = localTime(at);
  const weekday = lang === "en" ? DAYS_EN[local.weekday] : DAYS_JA[local.weekday];
  return `${local.year}/${local.month}/${local.day} (${weekday}) ${local.hour}:${local.minute}:${local.second}`;
}
