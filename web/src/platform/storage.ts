/** What stays in this browser. Storage may be blocked or full: then it stays for this visit. */
export type Place = "device" | "tab";

/** Set while notifications are on here: whoever has none loads nothing of theirs. */
export const PUSH_MARK = "push";

const memory = new Map<string, string>();

export function stored(place: Place, key: string): string | null {
  try {
    return of(place).getItem(`connect.${key}`) ?? null;
  } catch {
    return memory.get(key) ?? null;
  }
}

export function store(place: Place, key: string, value: string | null): void {
  if (value === null) memory.delete(key);
  else memory.set(key, value);
  try {
    if (value === null) of(place).removeItem(`connect.${key}`);
    else of(place).setItem(`connect.${key}`, value);
  } catch {
    // It is in memory.
  }
}

/** Takes away what was written for the person who signs out; how the device looks stays. */
export function forgetPerson(): void {
  memory.clear();
  try {
    for (const key of Object.keys(localStorage)) {
      if (key.startsWith("connect.draft.") || key === "connect.last") localStorage.removeItem(key);
    }
  } catch {
    // Nothing was stored.
  }
}

function of(place: Place): Storage {
  return place === "device" ? localStorage : sessionStorage;
}

export function randomWord(): string {
  return crypto.getRandomValues(new Uint32Array(3)).join("-");
}
