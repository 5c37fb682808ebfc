import { expect, test } from "vitest";

import { clockOf, isSameHours, minuteOf, usualHours } from "./working-hours";

test("a time of day is the same after a form has shown it", () => {
  for (const minute of [0, 9 * 60, 12 * 60 + 5, 24 * 60 - 1]) expect(minuteOf(clockOf(minute))).toBe(minute);
  expect(clockOf(545)).toBe("09:05");
});

test("a field nobody has filled in is no time", () => {
  for (const clock of ["", "9:00", "09:0", "09:00:00"]) expect(minuteOf(clock)).toBeNull();
});

test("hours are the same when nothing of them differs", () => {
  const hours = usualHours("Europe/Berlin");
  expect(isSameHours(hours, usualHours("Europe/Berlin"))).toBe(true);
  expect(isSameHours(hours, usualHours("Asia/Tokyo"))).toBe(false);
  expect(isSameHours(hours, { ...hours, days: [true, true, true, true, false, false, false] })).toBe(false);
  expect(isSameHours(hours, { ...hours, to: 18 * 60 })).toBe(false);
  expect(isSameHours(hours, null)).toBe(false);
  expect(isSameHours(null, null)).toBe(true);
});
