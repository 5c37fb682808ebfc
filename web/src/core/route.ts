/** The address of every view. */
import type { CallLogFilter, ConversationId } from "../protocol/generated";

export const SETTINGS = ["profile", "notifications", "status", "sound", "devices", "appearance", "keyboard", "workspace"] as const;
export type SettingsPage = (typeof SETTINGS)[number];
/** What only admins change. */
export const ADMIN_SETTINGS: readonly SettingsPage[] = ["workspace"];

/** In the order they are offered. */
export const CALL_FILTERS = ["all", "missed", "incoming", "outgoing"] as const satisfies readonly CallLogFilter[];

export type Route =
  | { kind: "home" }
  | { kind: "conversation"; id: ConversationId }
  | { kind: "unread" }
  | { kind: "mentions" }
  | { kind: "calls"; filter: CallLogFilter }
  | { kind: "channels" }
  | { kind: "people" }
  | { kind: "you" }
  | { kind: "settings"; page: SettingsPage }
  | { kind: "sign_in" }
  | { kind: "setup"; token: string }
  | { kind: "invite"; token: string }
  | { kind: "unknown" };

/** `hash` with its `#`: the first admin's link keeps its token out of the server's log. */
export function parse(path: string, hash: string): Route {
  const [first = "", second = ""] = path.split("/").filter((part) => part !== "");
  switch (first) {
    case "":
      return { kind: "home" };
    case "c":
      return second === "" ? { kind: "unknown" } : { kind: "conversation", id: second as ConversationId };
    case "unread":
      return { kind: "unread" };
    case "mentions":
      return { kind: "mentions" };
    case "calls":
      return { kind: "calls", filter: CALL_FILTERS.find((filter) => filter === second) ?? "all" };
    case "channels":
      return { kind: "channels" };
    case "people":
      return { kind: "people" };
    case "you":
      return { kind: "you" };
    case "settings": {
      const page = SETTINGS.find((name) => name === second);
      return { kind: "settings", page: page ?? "profile" };
    }
    case "sign-in":
      return { kind: "sign_in" };
    case "setup":
      return { kind: "setup", token: second !== "" ? second : (/token=([^&]+)/.exec(hash)?.[1] ?? "") };
    case "invite":
      return { kind: "invite", token: second };
    default:
      return { kind: "unknown" };
  }
}

export function pathOf(route: Route): string {
  switch (route.kind) {
    case "home":
    case "unknown":
      return "/";
    case "conversation":
      return `/c/${route.id}`;
    case "calls":
      return route.filter === "all" ? "/calls" : `/calls/${route.filter}`;
    case "settings":
      return `/settings/${route.page}`;
    case "sign_in":
      return "/sign-in";
    case "setup":
      return `/setup/${route.token}`;
    case "invite":
      return `/invite/${route.token}`;
    case "unread":
    case "mentions":
    case "channels":
    case "people":
    case "you":
      return `/${route.kind}`;
  }
}
