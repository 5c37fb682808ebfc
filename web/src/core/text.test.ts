import { expect, test } from "vitest";

import type { UserId } from "../protocol/generated";
import { decodeMentions, encodeMentions, parse, plain, type Block, type Inline } from "./text";

const ANA = "usr_01jd0000000000000000000001" as UserId;

function links(blocks: Block[]): string[] {
  const found: string[] = [];
  const walk = (node: unknown): void => {
    if (Array.isArray(node)) node.forEach(walk);
    else if (typeof node === "object" && node !== null) {
      if ("kind" in node && node.kind === "link" && "href" in node) found.push(String(node.href));
      Object.values(node).forEach(walk);
    }
  };
  walk(blocks);
  return found;
}

function inline(source: string): Inline[] {
  const [first] = parse(source);
  return first?.kind === "paragraph" ? first.children : [];
}

test("words, emphasis and code are told apart", () => {
  expect(inline("We ship **2.4.1** on *Friday*, see `docs`")).toEqual([
    { kind: "text", text: "We ship " },
    { kind: "strong", children: [{ kind: "text", text: "2.4.1" }] },
    { kind: "text", text: " on " },
    { kind: "emphasis", children: [{ kind: "text", text: "Friday" }] },
    { kind: "text", text: ", see " },
    { kind: "code", text: "docs" },
  ]);
});

test("a line break is a break", () => {
  expect(inline("one\ntwo").map((node) => node.kind)).toEqual(["text", "break", "text"]);
});

test("HTML is shown as the text it is", () => {
  const source = '<img src=x onerror="alert(1)"> and <b>bold</b>';
  expect(plain(parse(source), String)).toBe(source);
  expect(plain(parse("<script>alert(1)</script>"), String)).toBe("<script>alert(1)</script>");
  expect(plain(parse("a < b && c > d &amp; e"), String)).toBe("a < b && c > d &amp; e");
});

test("only links to the web and to mail are links", () => {
  const sources = [
    "[a](javascript:alert(1))",
    "[a](JaVaScRiPt:alert(1))",
    "[a](data:text/html,x)",
    "[a](vbscript:x)",
    "[a](file:///etc/passwd)",
    "[a]( javascript:alert(1))",
    "[a](/relative)",
    "<javascript:alert(1)>",
    "![a](javascript:alert(1))",
  ];
  for (const source of sources) expect(links(parse(source)), source).toEqual([]);
  expect(links(parse("https://connect.example/a?b=c"))).toEqual(["https://connect.example/a?b=c"]);
  expect(links(parse("[write](mailto:ana@example.org)"))).toEqual(["mailto:ana@example.org"]);
});

test("a picture from elsewhere is a link, so that reading it tells nobody", () => {
  expect(inline("![the pier](https://example.org/pier.png)")).toEqual([
    { kind: "link", href: "https://example.org/pier.png", children: [{ kind: "text", text: "the pier" }] },
  ]);
});

test("a mention is a mention anywhere but in code", () => {
  expect(inline(`Hello <@${ANA}>, **<@${ANA}>**`)).toEqual([
    { kind: "text", text: "Hello " },
    { kind: "mention", user: ANA },
    { kind: "text", text: ", " },
    { kind: "strong", children: [{ kind: "mention", user: ANA }] },
  ]);
  expect(inline(`\`<@${ANA}>\``)).toEqual([{ kind: "code", text: `<@${ANA}>` }]);
});

test("code keeps its language and its text", () => {
  expect(parse("```rust\nlet a = 1 < 2;\n```")).toEqual([
    { kind: "code", language: "rust", text: "let a = 1 < 2;" },
  ]);
});

test("lists keep their order, their start and their checks", () => {
  const [list] = parse("3. three\n4. four");
  expect(list).toMatchObject({ kind: "list", start: 3, items: [{ checked: null }, { checked: null }] });
  const [tasks] = parse("- [x] done\n- [ ] open");
  expect(tasks).toMatchObject({ kind: "list", start: null, items: [{ checked: true }, { checked: false }] });
  expect(plain(parse("- [x] done\n- [ ] open"), String)).toBe("done open");
});

test("nesting without end does not end the page", () => {
  expect(() => parse(">".repeat(5_000) + " deep")).not.toThrow();
  expect(() => parse("*".repeat(2_000) + "a" + "*".repeat(2_000))).not.toThrow();
});

test("names in the composer become mentions and come back as names", () => {
  const people = [
    { id: ANA, name: "Ana" },
    { id: "usr_01jd0000000000000000000002" as UserId, name: "Ana Kovač" },
  ];
  const encoded = encodeMentions("@Ana Kovač and @Ana", people);
  expect(encoded).toBe(`<@usr_01jd0000000000000000000002> and <@${ANA}>`);
  const names = new Map(people.map((person) => [person.id, person.name]));
  expect(decodeMentions(encoded, (id) => names.get(id) ?? "")).toBe("@Ana Kovač and @Ana");
});
