/** The HTTP interface, `/api/v1`: one function per method, refusals as errors. */
import { Refused, Unanswered } from "../core/refusal";
import type { ErrorAnswer } from "../protocol/generated";

const BASE = "/api/v1";
const TIMEOUT_MS = 15_000;

export type Method = "GET" | "POST" | "PATCH" | "PUT" | "DELETE";

export class Http {
  /** Told when the server no longer knows this sign-in. */
  constructor(private readonly onSignedOut: () => void) {}

  get<Answer>(path: string): Promise<Answer> {
    return this.ask<Answer>("GET", path);
  }

  post<Answer = undefined>(path: string, body: unknown = {}): Promise<Answer> {
    return this.ask<Answer>("POST", path, body);
  }

  patch<Answer = undefined>(path: string, body: unknown): Promise<Answer> {
    return this.ask<Answer>("PATCH", path, body);
  }

  delete(path: string): Promise<undefined> {
    return this.ask<undefined>("DELETE", path);
  }

  /** A file goes as it is. */
  put<Answer = undefined>(path: string, body: unknown): Promise<Answer> {
    return this.ask<Answer>("PUT", path, body);
  }

  private async ask<Answer>(method: Method, path: string, body?: unknown): Promise<Answer> {
    const init: RequestInit = { method, signal: AbortSignal.timeout(TIMEOUT_MS) };
    if (body instanceof Blob) {
      init.body = body;
      init.headers = { "content-type": body.type };
    } else if (body !== undefined) {
      init.body = JSON.stringify(body);
      init.headers = { "content-type": "application/json" };
    }
    let response: Response;
    let text: string;
    try {
      response = await fetch(BASE + path, init);
      text = await response.text();
    } catch {
      throw new Unanswered();
    }
    if (!response.ok) {
      const refused = refusal(text);
      if (refused.code === "unauthenticated") this.onSignedOut();
      throw refused;
    }
    return (text === "" ? undefined : JSON.parse(text)) as Answer;
  }
}

/** A proxy in between answers in its own words. */
function refusal(text: string): Refused | never {
  try {
    const { error } = JSON.parse(text) as Partial<ErrorAnswer>;
    if (error !== undefined) return new Refused(error);
  } catch {
    // Not the server's own words.
  }
  throw new Unanswered();
}
