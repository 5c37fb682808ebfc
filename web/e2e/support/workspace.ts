import type { Page } from "@playwright/test";

import type {
  Conversation,
  CreateConversationRequest,
  InviteCreated,
  Me,
  MyConversation,
  UserId,
} from "../../src/protocol/generated";
import type { Server } from "./server";

export const PASSWORD = "correct horse battery";
/** Requests under way at once when many messages are written. */
const SENDERS = 32;

/** A person's account, used over HTTP to set a scene that is not what the test is about. */
export class Account {
  private constructor(
    readonly server: Server,
    public me: Me,
    private readonly email: string,
    private readonly cookie: string,
  ) {}

  /** The first admin, who names the workspace. */
  static async first(server: Server, name: string): Promise<Account> {
    return Account.signedIn(server, "/setup", {
      token: server.setupToken,
      workspace_name: "Marlow Instruments",
      ...credentials(name),
    });
  }

  /** A colleague who comes by invitation. */
  async invite(name: string): Promise<Account> {
    const invite = await this.post<InviteCreated>("/invites", { uses_max: 1, expires_in_s: 600 });
    const token = invite.path.split("/").pop() ?? "";
    return Account.signedIn(this.server, `/invites/${token}/accept`, credentials(name));
  }

  get id(): UserId {
    return this.me.user.id;
  }

  /** Goes by another name from now on. */
  async rename(name: string): Promise<void> {
    this.me = await this.send<Me>("PATCH", "/me", { name, email: null });
  }

  /** Whether devices may connect while they ring. */
  async setInstantAnswer(on: boolean): Promise<void> {
    this.me = await this.send<Me>("PATCH", "/me", { name: null, email: null, instant_answer: on });
  }

  async conversation(request: CreateConversationRequest): Promise<Conversation> {
    return (await this.post<MyConversation>("/conversations", request)).conversation;
  }

  async say(conversation: Conversation, text: string): Promise<void> {
    const nonce = `${this.id}-${String(performance.now())}`;
    await this.post(`/conversations/${conversation.id}/messages`, { nonce, text });
  }

  /** Many messages at once, in no certain order. */
  async sayAll(conversation: Conversation, texts: readonly string[]): Promise<void> {
    const left = [...texts.entries()];
    const sender = async (): Promise<void> => {
      for (let next = left.pop(); next !== undefined; next = left.pop()) {
        const [number, text] = next;
        const nonce = `${this.id}-all-${String(number)}`;
        await this.post(`/conversations/${conversation.id}/messages`, { nonce, text });
      }
    };
    await Promise.all(Array.from({ length: SENDERS }, sender));
  }

  async join(conversation: Conversation): Promise<void> {
    await this.post(`/conversations/${conversation.id}/join`, {});
  }

  async get<Answer>(path: string): Promise<Answer> {
    const response = await fetch(`${this.server.url}/api/v1${path}`, {
      headers: { cookie: this.cookie },
    });
    return answer<Answer>(response);
  }

  post<Answer>(path: string, body: unknown): Promise<Answer> {
    return this.send("POST", path, body);
  }

  private async send<Answer>(method: "POST" | "PATCH", path: string, body: unknown): Promise<Answer> {
    const response = await fetch(`${this.server.url}/api/v1${path}`, {
      method,
      headers: { cookie: this.cookie, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    return answer<Answer>(response);
  }

  /** Signs this person in, in that page's browser, as a device of its own that goes by its name. */
  async signIn(page: Page, url: string = this.server.url): Promise<void> {
    const agent = await page.evaluate(() => navigator.userAgent);
    const response = await fetch(`${this.server.url}/api/v1/auth/login`, {
      method: "POST",
      headers: { "content-type": "application/json", "user-agent": agent },
      body: JSON.stringify({ email: this.email, password: PASSWORD }),
    });
    await answer(response);
    const [name = "", value = ""] = cookieOf(response).split("=");
    await page.context().addCookies([{ name, value, url, httpOnly: true }]);
  }

  private static async signedIn(server: Server, path: string, body: { email: string } & Record<string, unknown>): Promise<Account> {
    const response = await fetch(`${server.url}/api/v1${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    return new Account(server, await answer<Me>(response), body.email, cookieOf(response));
  }
}

export function emailOf(name: string): string {
  return `${name.toLowerCase().replaceAll(/[^a-z]+/g, ".")}@example.org`;
}

function credentials(name: string): { name: string; email: string; password: string } {
  return { name, email: emailOf(name), password: PASSWORD };
}

function cookieOf(response: Response): string {
  return response.headers.getSetCookie()[0]?.split(";")[0] ?? "";
}

async function answer<Answer>(response: Response): Promise<Answer> {
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.url}: ${String(response.status)} ${text}`);
  return (text === "" ? undefined : JSON.parse(text)) as Answer;
}
