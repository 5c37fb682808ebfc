import { expect, test } from "vitest";

import { brief, day, dayWithin, length, names, ordinal, timer } from "./format";

const NOW = new Date(2026, 10, 19, 14, 22).getTime();

test("lengths have units that fit", () => {
  expect(length(4_400)).toBe("4 s");
  expect(length(24 * 60_000)).toBe("24 min");
  expect(length(65 * 60_000)).toBe("1 h 5 min");
  expect(length(120 * 60_000)).toBe("2 h");
});

test("timers count minutes, then hours", () => {
  expect(timer(7_000)).toBe("0:07");
  expect(timer(18 * 60_000 + 4_000)).toBe("18:04");
  expect(timer(3_753_000)).toBe("1:02:33");
  expect(timer(-5)).toBe("0:00");
});

test("days near by have names", () => {
  expect(day(NOW - 60_000, NOW)).toBe("Today");
  expect(day(NOW - 86_400_000, NOW)).toBe("Yesterday");
  expect(day(new Date(2026, 10, 16).getTime(), NOW)).toBe("Monday 16 November");
  expect(day(new Date(2025, 2, 1).getTime(), NOW)).toBe("1 March 2025");
  expect(brief(new Date(2026, 10, 17).getTime(), NOW)).toBe("Tue");
});

test("within a sentence only the names of days near by are small", () => {
  expect(dayWithin(day(NOW, NOW))).toBe("today");
  expect(dayWithin(day(new Date(2026, 10, 16).getTime(), NOW))).toBe("Monday 16 November");
});

test("lists of names say how many more there are", () => {
  expect(names(["Ana"])).toBe("Ana");
  expect(names(["Ana", "Bo"])).toBe("Ana and Bo");
  expect(names(["Ana", "Bo", "Cy", "Di", "Ed"])).toBe("Ana, Bo and 3 others");
});

test("tries are counted in words, then in figures", () => {
  expect([1, 3, 11, 22, 33].map(ordinal)).toEqual(["first", "third", "11th", "22nd", "33rd"]);
});
