import { Copy } from "lucide";
import { For, Show, type JSX } from "solid-js";

import { t } from "../../core/i18n";
import type { Block, Inline } from "../../core/text";
import { useApp } from "../app";
import { IconButton, toast } from "../kit";

/** A message's Markdown. Its text never becomes HTML. */
export function MessageText(props: { of: readonly Block[]; edited?: boolean }): JSX.Element {
  return (
    <div class="body">
      <Blocks of={props.of} />
      <Show when={props.edited}>
        <span class="edited"> ({t.message.edited})</span>
      </Show>
    </div>
  );
}

function Blocks(props: { of: readonly Block[] }): JSX.Element {
  return <For each={props.of}>{(block) => <OneBlock of={block} />}</For>;
}

function OneBlock(props: { of: Block }): JSX.Element {
  const block = props.of;
  switch (block.kind) {
    case "paragraph":
      return (
        <p>
          <Inlines of={block.children} />
        </p>
      );
    case "heading":
      return (
        <p class={block.level <= 2 ? "text-heading" : "text-subheading"}>
          <Inlines of={block.children} />
        </p>
      );
    case "code":
      return <CodeBlock language={block.language} text={block.text} />;
    case "quote":
      return (
        <blockquote>
          <Blocks of={block.children} />
        </blockquote>
      );
    case "list": {
      const items = (
        <For each={block.items}>
          {(item) => (
            <li class={item.checked === null ? "" : "task"}>
              <Show when={item.checked !== null}>
                <span class={item.checked === true ? "tick tick-on" : "tick"} aria-hidden="true" />
                <span class="spoken">{item.checked === true ? t.message.checked : t.message.unchecked}</span>
              </Show>
              <Blocks of={item.children} />
            </li>
          )}
        </For>
      );
      return block.start === null ? <ul>{items}</ul> : <ol start={block.start}>{items}</ol>;
    }
    case "table":
      return (
        <div class="table-frame">
          <table>
            <thead>
              <tr>
                <For each={block.head}>
                  {(cell) => (
                    <th scope="col">
                      <Inlines of={cell} />
                    </th>
                  )}
                </For>
              </tr>
            </thead>
            <tbody>
              <For each={block.rows}>
                {(row) => (
                  <tr>
                    <For each={row}>
                      {(cell) => (
                        <td>
                          <Inlines of={cell} />
                        </td>
                      )}
                    </For>
                  </tr>
                )}
              </For>
            </tbody>
          </table>
        </div>
      );
    case "rule":
      return <hr />;
  }
}

function CodeBlock(props: { language: string; text: string }): JSX.Element {
  return (
    <figure class="code">
      <pre tabindex="0" aria-label={props.language === "" ? t.message.code : `${t.message.code}, ${props.language}`}>
        <code>{props.text}</code>
      </pre>
      <Show when={props.language}>
        <span class="code-language" aria-hidden="true">
          {props.language}
        </span>
      </Show>
      <IconButton
        class="code-copy"
        icon={Copy}
        label={t.message.copyCode}
        compact
        onClick={() => void copy(props.text, t.message.copied)}
      />
    </figure>
  );
}

function Inlines(props: { of: readonly Inline[] }): JSX.Element {
  return <For each={props.of}>{(node) => <OneInline of={node} />}</For>;
}

function OneInline(props: { of: Inline }): JSX.Element {
  const node = props.of;
  switch (node.kind) {
    case "text":
      return <>{node.text}</>;
    case "code":
      return <code>{node.text}</code>;
    case "break":
      return <br />;
    case "strong":
      return (
        <strong>
          <Inlines of={node.children} />
        </strong>
      );
    case "emphasis":
      return (
        <em>
          <Inlines of={node.children} />
        </em>
      );
    case "deleted":
      return (
        <del>
          <Inlines of={node.children} />
        </del>
      );
    case "link":
      return (
        <a href={node.href} target="_blank" rel="noreferrer noopener nofollow">
          <Inlines of={node.children} />
        </a>
      );
    case "mention":
      return <Mention user={node.user} />;
  }
}

function Mention(props: { user: Extract<Inline, { kind: "mention" }>["user"] }): JSX.Element {
  const app = useApp();
  return (
    <span class="mention" classList={{ "mention-me": props.user === app.me() }}>
      @{app.user(props.user)?.name ?? t.somebody}
    </span>
  );
}

export async function copy(text: string, said: string): Promise<void> {
  await navigator.clipboard.writeText(text);
  toast(said);
}

