import assert from "node:assert/strict";
import { test } from "node:test";

import { exactTime, runningClock, timeAgo } from "./clock";

const now = new Date("2026-11-21T05:30:00Z"); // 14:30 in Tokyo

test("a running clock shows minutes, and hours when there are any", () => {
  assert.equal(runningClock(0), "0:00");
  assert.equal(runningClock(42.9), "0:42");
  assert.equal(runningClock(725), "12:05");
  assert.equal(runningClock(3723), "1:02:03");
  assert.equal(runningClock(-5), "0:00");
  assert.equal(runningClock(86_399), "23:59:59");
  assert.equal(runningClock(250_805), "2日21時間");
  assert.equal(runningClock(86_400, "en"), "1 d 0 h");
});

test("the past is told as people feel it", () => {
  assert.equal(timeAgo(new Date("2026-11-21T05:29:30Z"), now, "ja"), "たった今");
  assert.equal(timeAgo(new Date("2026-11-21T05:20:00Z"), now, "ja"), "10分前");
  assert.equal(timeAgo(new Date("2026-11-21T01:05:00Z"), now, "ja"), "今日 10:05");
  assert.equal(timeAgo(new Date("2026-11-20T05:05:00Z"), now, "ja"), "昨日 14:05");
  assert.equal(timeAgo(new Date("2026-11-18T00:00:00Z"), now, "ja"), "11/18 (水) 9:00");
  assert.equal(timeAgo(new Date("2025-12-31T15:00:00Z"), now, "en"), "1/1 (Thu) 0:00");
  assert.equal(timeAgo(new Date("2025-12-31T14:59:00Z"), now, "en"), "2025/12/31 (Wed) 23:59");
});

test("days begin at midnight in Japan, not in UTC", () => {
  assert.equal(timeAgo(new Date("2026-11-20T14:59:00Z"), now, "ja"), "昨日 23:59");
  assert.equal(timeAgo(new Date("2026-11-20T15:01:00Z"), now, "ja"), "今日 0:01");
  assert.equal(timeAgo(new Date("2026-11-22T01:00:00Z"), now, "ja"), "明日 10:00");
});

test("the exact time has its weekday and seconds", () => {
  assert.equal(exactTime(new Date("2026-11-21T05:05:09Z"), "ja"), "2026/11/21 (土) 14:05:09");
});
