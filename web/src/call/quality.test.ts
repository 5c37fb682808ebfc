import { describe, expect, test } from "vitest";

import { barsOf, isLossy, shortfallOf } from "./quality";

describe("shortfallOf", () => {
  test("names who limits the picture, with its height", () => {
    expect(shortfallOf({ heightPx: 360, reason: "your_connection" })).toEqual({ kind: "your_connection", heightPx: 360 });
    expect(shortfallOf({ heightPx: null, reason: "their_upload" })).toEqual({ kind: "their_upload", heightPx: null });
  });

  test("says nothing of a picture that is whole, is off, or is about to come", () => {
    expect(shortfallOf(undefined)).toBeNull();
    expect(shortfallOf({ heightPx: 720, reason: null })).toBeNull();
    expect(shortfallOf({ heightPx: 180, reason: "switching" })).toBeNull();
    expect(shortfallOf({ heightPx: null, reason: "off" })).toBeNull();
  });
});

test("more rows light more bars", () => {
  expect([null, 180, 360, 540, 1080].map(barsOf)).toEqual([0, 1, 2, 3, 4]);
});

describe("isLossy", () => {
  test("a twentieth lost is, a few packets say nothing", () => {
    expect(isLossy({ packetsReceived: 100, packetsLost: 0 }, { packetsReceived: 1_050, packetsLost: 50 })).toBe(true);
    expect(isLossy({ packetsReceived: 100, packetsLost: 50 }, { packetsReceived: 1_100, packetsLost: 55 })).toBe(false);
    expect(isLossy({ packetsReceived: 0, packetsLost: 0 }, { packetsReceived: 10, packetsLost: 10 })).toBe(false);
  });
});
