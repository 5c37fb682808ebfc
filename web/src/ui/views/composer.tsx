import { ArrowUp, AtSign, Bold, Code } from "lucide";
import { createEffect, createMemo, createSignal, createUniqueId, For, on, onMount, Show, type JSX } from "solid-js";

import { find, mentionAt } from "../../core/find";
import { t } from "../../core/i18n";
import { encodeMentions } from "../../core/text";
import { typists } from "../../core/workspace";
import { store, stored } from "../../platform/storage";
import { MESSAGE_CHARS_MAX, type CallId, type Conversation, type User } from "../../protocol/generated";
import { useApp } from "../app";
import { Avatar, Icon, IconButton } from "../kit";

const SUGGESTIONS_MAX = 6;
const FIELD_PX_MAX = 240;

/** Where one writes. What is not sent yet is kept on this device. */
export function Composer(props: {
  conversation: Conversation;
  /** The call in whose panel this is. */
  callId?: CallId;
  editLast: () => void;
}): JSX.Element {
  const app = useApp();
  const id = props.conversation.id;
  const draft = `draft.${id}`;
  const listId = createUniqueId();
  const [text, setText] = createSignal(stored("device", draft) ?? "");
  const [caret, setCaret] = createSignal(0);
  const [chosen, setChosen] = createSignal(0);
  const [dismissed, setDismissed] = createSignal<number | null>(null);
  let field!: HTMLTextAreaElement;

  const label = (): string => {
    const name = app.title(props.conversation);
    return t.composer.label(props.conversation.kind === "channel" ? `#${name}` : name);
  };
  const people = createMemo((): User[] => {
    const { members } = props.conversation;
    const all = members.length === 0 ? [...app.users().values()] : members.flatMap((one) => app.user(one) ?? []);
    return all.filter((user) => !user.disabled).sort((a, b) => a.name.localeCompare(b.name));
  });
  const mention = createMemo(() => {
    const found = mentionAt(text(), caret());
    return found === undefined || found.from === dismissed() ? undefined : found;
  });
  const suggestions = createMemo((): User[] => {
    const found = mention();
    return found === undefined ? [] : find(found.query, people(), (user) => user.name, SUGGESTIONS_MAX);
  });
  createEffect(on(suggestions, () => setChosen(0), { defer: true }));

  onMount(() => {
    fit(field);
    if (matchMedia("(hover: hover)").matches) field.focus({ preventScroll: true });
  });

  const change = (value: string, at: number): void => {
    setText(value);
    setCaret(at);
    store("device", draft, value === "" ? null : value);
    queueMicrotask(() => {
      field.setSelectionRange(at, at);
      fit(field);
    });
  };
  const insert = (user: User): void => {
    const found = mention();
    if (found === undefined) return;
    const begin = text().slice(0, found.from);
    const inserted = `@${user.name} `;
    change(begin + inserted + text().slice(caret()), begin.length + inserted.length);
    field.focus();
  };
  const wrap = (mark: string): void => {
    const { selectionStart: from, selectionEnd: to, value } = field;
    change(value.slice(0, from) + mark + value.slice(from, to) + mark + value.slice(to), to + mark.length);
    field.focus();
  };
  const over = (): number => [...text()].length - MESSAGE_CHARS_MAX;
  const send = (): void => {
    const written = text().trim();
    if (written === "" || over() > 0) return;
    app.client.send(id, encodeMentions(written, people()), props.callId ?? null);
    change("", 0);
    setDismissed(null);
  };

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.isComposing) return;
    const list = suggestions();
    if (list.length > 0) {
      const count = list.length;
      switch (event.key) {
        case "ArrowDown":
          event.preventDefault();
          setChosen((chosen() + 1) % count);
          return;
        case "ArrowUp":
          event.preventDefault();
          setChosen((chosen() + count - 1) % count);
          return;
        case "Enter":
        case "Tab": {
          const user = list[chosen()];
          if (user === undefined) break;
          event.preventDefault();
          insert(user);
          return;
        }
        case "Escape":
          event.preventDefault();
          event.stopPropagation();
          setDismissed(mention()?.from ?? null);
          return;
        default:
          break;
      }
    }
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      send();
    } else if (event.key === "ArrowUp" && text() === "") {
      event.preventDefault();
      props.editLast();
    } else if ((event.ctrlKey || event.metaKey) && !event.shiftKey && event.key === "b") {
      event.preventDefault();
      wrap("**");
    }
  };

  const typing = createMemo(() => typists(app.workspace(), id).map((user) => app.firstName(user)));

  return (
    <div class="composer-area">
      <Show when={suggestions().length > 0}>
        <ul class="suggestions" role="listbox" id={listId} aria-label={t.composer.suggestions}>
          <For each={suggestions()}>
            {(user, index) => (
              <li
                role="option"
                id={`${listId}-${index()}`}
                aria-selected={index() === chosen()}
                onPointerDown={(event) => {
                  event.preventDefault();
                  insert(user);
                }}
              >
                <Avatar of={user} size={22} />
                {user.name}
              </li>
            )}
          </For>
        </ul>
      </Show>
      <div class="composer">
        <textarea
          ref={field}
          rows="1"
          placeholder={label()}
          aria-label={label()}
          aria-autocomplete="list"
          aria-controls={suggestions().length > 0 ? listId : undefined}
          aria-activedescendant={suggestions().length > 0 ? `${listId}-${chosen()}` : undefined}
          value={text()}
          onInput={(event) => {
            const { value, selectionStart } = event.currentTarget;
            setText(value);
            setCaret(selectionStart);
            store("device", draft, value === "" ? null : value);
            fit(field);
            if (value.trim() !== "") app.client.typing(id);
          }}
          onSelect={(event) => setCaret(event.currentTarget.selectionStart)}
          onKeyUp={(event) => setCaret(event.currentTarget.selectionStart)}
          onKeyDown={onKeyDown}
        />
        <div class="composer-bar">
          <IconButton
            icon={AtSign}
            label={t.composer.mention}
            compact
            tipSide="top"
            onClick={() => {
              const at = field.selectionStart;
              const space = at > 0 && !/\s/.test(text().charAt(at - 1)) ? " " : "";
              change(`${text().slice(0, at)}${space}@${text().slice(at)}`, at + space.length + 1);
              field.focus();
            }}
          />
          <IconButton icon={Bold} label={t.composer.bold} compact tipSide="top" onClick={() => wrap("**")} />
          <IconButton icon={Code} label={t.composer.code} compact tipSide="top" onClick={() => wrap("`")} />
          <span class="grow" />
          <Show
            when={over() > 0}
            fallback={
              <span class="composer-hint meta" aria-hidden="true">
                <kbd>↵</kbd> {t.composer.hint}
              </span>
            }
          >
            <span class="wrong" role="alert">
              {t.composer.tooLong(over())}
            </span>
          </Show>
          <button
            type="button"
            class="composer-send"
            classList={{ "composer-ready": text().trim() !== "" }}
            aria-label={t.composer.send}
            disabled={text().trim() === "" || over() > 0}
            onClick={send}
          >
            <Icon of={ArrowUp} size="medium" />
          </button>
        </div>
      </div>
      <p class="typing" aria-live="off">
        {typing().length > 0 ? t.composer.typing(typing()) : ""}
      </p>
    </div>
  );
}

/** As high as what is written, up to a bound. */
export function fit(field: HTMLTextAreaElement): void {
  field.style.height = "auto";
  field.style.height = `${String(Math.min(field.scrollHeight, FIELD_PX_MAX))}px`;
}
