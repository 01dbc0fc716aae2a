import assert from "node:assert/strict";
import { test } from "node:test";

import { mixed, wavOf } from "./wav";

test("two channels become their mean", () => {
  assert.deepEqual([...mixed([new Float32Array([1, 0.5]), new Float32Array([0, -0.5])])], [0.5, 0]);
  assert.equal(mixed([]).length, 0);
});

test("a WAV file names its rate and length, and holds what is too loud at the end of the scale", () => {
  const view = new DataView(wavOf(new Float32Array([0, 1, -2, 0.5]), 24_000));
  const word = (at: number): string => String.fromCharCode(...[0, 1, 2, 3].map((each) => view.getUint8(at + each)));
  assert.deepEqual([word(0), word(8), word(36)], ["RIFF", "WAVE", "data"]);
  assert.equal(view.getUint32(4, true), view.byteLength - 8);
  assert.equal(view.getUint32(24, true), 24_000);
  assert.equal(view.getUint32(40, true), 8);
  assert.deepEqual([0, 1, 2, 3].map((place) => view.getInt16(44 + place * 2, true)), [0, 32767, -32767, 16384]);
});
