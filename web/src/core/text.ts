/**
 * A message's Markdown as a tree of what may be shown. HTML stays the text it is, links go to the
 * web or to mail and nowhere else, and pictures from elsewhere are links: showing one would tell
 * its server who reads.
 */
import { Lexer, type Token, type Tokens } from "marked";

import type { UserId } from "../protocol/generated";

export type Inline =
  | { kind: "text"; text: string }
  | { kind: "mention"; user: UserId }
  | { kind: "strong" | "emphasis" | "deleted"; children: Inline[] }
  | { kind: "code"; text: string }
  | { kind: "link"; href: string; children: Inline[] }
  | { kind: "break" };

export type Block =
  | { kind: "paragraph"; children: Inline[] }
  | { kind: "heading"; level: number; children: Inline[] }
  | { kind: "code"; language: string; text: string }
  | { kind: "quote"; children: Block[] }
  | { kind: "list"; start: number | null; items: ListItem[] }
  | { kind: "table"; head: Inline[][]; rows: Inline[][][] }
  | { kind: "rule" };

export type ListItem = { checked: boolean | null; children: Block[] };

const MENTION = /<@(usr_[0-9a-z]{26})>/g;
const LINK = /^(https?:\/\/|mailto:)/i;
/** Deeper nesting is shown as text, so that no message can exhaust the stack. */
const DEPTH_MAX = 12;

export function parse(source: string): Block[] {
  try {
    return blocks(new Lexer({ gfm: true, breaks: true }).lex(source), 0);
  } catch {
    // The lexer recurses: thousands of quotes in quotes exhaust its stack. They are text then.
    return text(source);
  }
}

/** A message as one line of plain text, for previews and announcements. */
export function plain(message: readonly Block[], nameOf: (user: UserId) => string): string {
  const words: string[] = [];
  const inline = (nodes: Inline[]): void => {
    for (const node of nodes) {
      switch (node.kind) {
        case "text":
        case "code":
          words.push(node.text);
          break;
        case "mention":
          words.push(`@${nameOf(node.user)}`);
          break;
        case "break":
          words.push(" ");
          break;
        case "strong":
        case "emphasis":
        case "deleted":
        case "link":
          inline(node.children);
          break;
      }
    }
  };
  const block = (nodes: readonly Block[]): void => {
    for (const node of nodes) {
      switch (node.kind) {
        case "paragraph":
        case "heading":
          inline(node.children);
          break;
        case "code":
          words.push(node.text);
          break;
        case "quote":
          block(node.children);
          break;
        case "list":
          for (const item of node.items) block(item.children);
          break;
        case "table":
          for (const cells of [node.head, ...node.rows]) for (const cell of cells) inline(cell);
          break;
        case "rule":
          break;
      }
      words.push(" ");
    }
  };
  block(message);
  return words.join("").replaceAll(/\s+/g, " ").trim();
}

function blocks(tokens: Token[], depth: number): Block[] {
  return tokens.flatMap((token) => block(token, depth));
}

function block(token: Token, depth: number): Block[] {
  if (depth > DEPTH_MAX) return text(token.raw);
  switch (token.type) {
    case "space":
    case "def":
      return [];
    case "paragraph":
      return [{ kind: "paragraph", children: inlines((token as Tokens.Paragraph).tokens, depth) }];
    // A list's item holds its words without a paragraph around them.
    case "text": {
      const { tokens, text } = token as Tokens.Text;
      return [{ kind: "paragraph", children: tokens === undefined ? words(text) : inlines(tokens, depth) }];
    }
    case "heading": {
      const { depth: level, tokens } = token as Tokens.Heading;
      return [{ kind: "heading", level, children: inlines(tokens, depth) }];
    }
    case "code": {
      const { lang, text } = token as Tokens.Code;
      return [{ kind: "code", language: (lang ?? "").split(/\s/)[0] ?? "", text }];
    }
    case "blockquote":
      return [{ kind: "quote", children: blocks((token as Tokens.Blockquote).tokens, depth + 1) }];
    case "list": {
      const { ordered, start, items } = token as Tokens.List;
      return [
        {
          kind: "list",
          start: ordered ? Number(start) : null,
          items: items.map((item) => ({
            checked: item.task ? item.checked === true : null,
            children: blocks(item.tokens.filter((child) => child.type !== "checkbox"), depth + 1),
          })),
        },
      ];
    }
    case "table": {
      const { header, rows } = token as Tokens.Table;
      return [
        {
          kind: "table",
          head: header.map((cell) => inlines(cell.tokens, depth)),
          rows: rows.map((row) => row.map((cell) => inlines(cell.tokens, depth))),
        },
      ];
    }
    case "hr":
      return [{ kind: "rule" }];
    default:
      return text(token.raw);
  }
}

function inlines(tokens: Token[], depth: number): Inline[] {
  return tokens.flatMap((token): Inline[] => {
    if (depth > DEPTH_MAX) return words(token.raw);
    switch (token.type) {
      case "strong":
        return [{ kind: "strong", children: inlines((token as Tokens.Strong).tokens, depth + 1) }];
      case "em":
        return [{ kind: "emphasis", children: inlines((token as Tokens.Em).tokens, depth + 1) }];
      case "del":
        return [{ kind: "deleted", children: inlines((token as Tokens.Del).tokens, depth + 1) }];
      case "codespan":
        return [{ kind: "code", text: (token as Tokens.Codespan).text }];
      case "br":
        return [{ kind: "break" }];
      case "link": {
        const { href, tokens } = token as Tokens.Link;
        const children = inlines(tokens, depth + 1);
        return LINK.test(href) ? [{ kind: "link", href, children }] : children;
      }
      case "image": {
        const { href, text } = token as Tokens.Image;
        const children = words(text === "" ? href : text);
        return LINK.test(href) ? [{ kind: "link", href, children }] : children;
      }
      case "escape":
        return words((token as Tokens.Escape).text);
      case "text":
        return words((token as Tokens.Text).text);
      default:
        return words(token.raw);
    }
  });
}

function text(raw: string): Block[] {
  return raw.trim() === "" ? [] : [{ kind: "paragraph", children: words(raw.trim()) }];
}

/** Text with its mentions told apart. */
function words(source: string): Inline[] {
  const parts: Inline[] = [];
  let from = 0;
  for (const match of source.matchAll(MENTION)) {
    if (match.index > from) parts.push({ kind: "text", text: source.slice(from, match.index) });
    parts.push({ kind: "mention", user: match[1] as UserId });
    from = match.index + match[0].length;
  }
  if (from < source.length) parts.push({ kind: "text", text: source.slice(from) });
  return parts;
}

/** What the composer shows as `@Name`, as the server wants it. Longer names go first. */
export function encodeMentions(source: string, people: readonly { id: UserId; name: string }[]): string {
  let encoded = source;
  for (const person of [...people].sort((a, b) => b.name.length - a.name.length)) {
    encoded = encoded.replaceAll(`@${person.name}`, `<@${person.id}>`);
  }
  return encoded;
}

/** The reverse, for editing. */
export function decodeMentions(source: string, nameOf: (user: UserId) => string): string {
  return source.replaceAll(MENTION, (_, user: string) => `@${nameOf(user as UserId)}`);
}
