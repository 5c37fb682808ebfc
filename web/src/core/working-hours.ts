/** Working hours as a form shows them: times of day as `09:30`, and what to begin with. */
import type { WorkingHours } from "../protocol/generated";

/** Monday to Friday, nine to five, by this clock. */
export function usualHours(timeZone: string): WorkingHours {
  return { days: [true, true, true, true, true, false, false], from: 9 * 60, to: 17 * 60, time_zone: timeZone };
}

/** A minute of the day as a clock shows it. */
export function clockOf(minute: number): string {
  const two = (value: number): string => String(value).padStart(2, "0");
  return `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
}

/** The minute of the day a clock shows; null while it shows none. */
export function minuteOf(clock: string): number | null {
  const parts = /^(\d\d):(\d\d)$/.exec(clock);
  return parts === null ? null : Number(parts[1]) * 60 + Number(parts[2]);
}

export function isSameHours(a: WorkingHours | null, b: WorkingHours | null): boolean {
  if (a === null || b === null) return a === b;
  return (
    a.from === b.from &&
    a.to === b.to &&
    a.time_zone === b.time_zone &&
    a.days.every((works, day) => works === b.days[day])
  );
}
