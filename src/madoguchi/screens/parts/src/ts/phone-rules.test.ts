import assert from "node:assert/strict";
import { test } from "node:test";

import { pick } from "./devices";
import { follows } from "./live-order";
import { loudness } from "./microphone";
import { socketUrl } from "./sip-socket";

test("a change is taken only when it follows the last one", () => {
  assert.equal(follows(7, 8), "take");
  assert.equal(follows(7, 7), "drop");
  assert.equal(follows(7, 3), "drop");
  assert.equal(follows(7, 9), "gap");
  assert.equal(follows(null, 1), "gap");
});

test("the remembered device is found by id, then by name", () => {
  const devices = [{ id: "a", name: "Headset" }, { id: "b", name: "Camera" }];
  assert.equal(pick(devices, { id: "b", name: "Headset" })?.id, "b");
  assert.equal(pick(devices, { id: "gone", name: "Headset" })?.id, "a");
  assert.equal(pick(devices, { id: "gone", name: "Other" }), null);
  assert.equal(pick(devices, null), null);
});

test("the level moves like hearing and stays in its bounds", () => {
  assert.equal(loudness(0), 0);
  assert.equal(loudness(1), 1);
  assert.equal(loudness(5), 1);
  assert.ok(loudness(0.1) > 0.55 && loudness(0.1) < 0.65);
  assert.equal(loudness(0.001), 0);
});

test("the telephone's socket is on the page's own origin", () => {
  assert.equal(socketUrl("/ws?ticket=x", "https://desk.example/desk/"), "wss://desk.example/ws?ticket=x");
  assert.equal(socketUrl("/ws", "http://localhost:8000/desk/"), "ws://localhost:8000/ws");
  assert.equal(socketUrl("ws://127.0.0.1:1/ws", "http://localhost:8000/"), "ws://127.0.0.1:1/ws");
});
