import assert from "node:assert/strict";
import { test } from "node:test";

import { keyName, type KeyPress } from "./keys";

const press = (key: string, more: Partial<KeyPress> = {}): KeyPress => ({
  key, keyCode: 0, isComposing: false, shiftKey: false, ctrlKey: false, altKey: false, metaKey: false, repeat: false, ...more,
});

test("function keys act, also while somebody types", () => {
  assert.equal(keyName(press("F2"), true), "F2");
  assert.equal(keyName(press("F2", { shiftKey: true }), true), "Shift+F2");
  assert.equal(keyName(press("F10", { ctrlKey: true, shiftKey: true }), false), "Ctrl+Shift+F10");
});

test("no key acts while an IME composes", () => {
  for (const key of ["F2", "F8", "F9", "F10", "?", "/"]) {
    assert.equal(keyName(press(key, { isComposing: true }), false), null);
    assert.equal(keyName(press(key, { keyCode: 229 }), false), null);
  }
});

test("letters, Space and Enter never act", () => {
  for (const key of ["a", "A", "あ", " ", "Enter", "Escape", "Tab", "1", "F13", "Process", "Fn"]) {
    assert.equal(keyName(press(key), false), null);
    assert.equal(keyName(press(key, { ctrlKey: true }), false), null);
  }
});

test("? and / act only where nothing is typed", () => {
  assert.equal(keyName(press("?", { shiftKey: true }), false), "?");
  assert.equal(keyName(press("?"), true), null);
  assert.equal(keyName(press("/", { metaKey: true }), false), null);
});

test("a key held down acts once", () => {
  assert.equal(keyName(press("F8", { repeat: true }), false), null);
});
