import { X } from "lucide";
import { createMemo, createSignal, createUniqueId, For, Show, type JSX } from "solid-js";

import { find } from "../../../core/find";
import { t } from "../../../core/i18n";
import type { User, UserId } from "../../../protocol/generated";
import { useApp } from "../../app";
import { Avatar, Icon } from "../../kit";

const SHOWN_MAX = 30;

/** People found by name. With `chosen`, several; else one press is the answer. */
export function PeoplePicker(props: {
  label: string;
  except?: readonly UserId[];
  withMe?: boolean;
  chosen?: readonly UserId[];
  pick: (user: User) => void;
  unpick?: (user: UserId) => void;
}): JSX.Element {
  const app = useApp();
  const id = createUniqueId();
  const [query, setQuery] = createSignal("");
  const [active, setActive] = createSignal(0);
  const found = createMemo((): User[] => {
    const except = new Set([...(props.except ?? []), ...(props.chosen ?? [])]);
    const all = [...app.users().values()]
      .filter((user) => !user.disabled && !except.has(user.id) && (props.withMe === true || user.id !== app.me()))
      .sort((a, b) => a.name.localeCompare(b.name));
    return find(query(), all, (user) => user.name, SHOWN_MAX);
  });
  const pick = (user: User): void => {
    props.pick(user);
    setQuery("");
    setActive(0);
  };
  return (
    <div class="picker">
      <div class="input picker-field">
        <For each={props.chosen ?? []}>
          {(user) => (
            <span class="pill">
              {app.user(user)?.name}
              <button
                type="button"
                aria-label={t.create.removePerson(app.user(user)?.name ?? "")}
                onClick={() => props.unpick?.(user)}
              >
                <Icon of={X} size="small" />
              </button>
            </span>
          )}
        </For>
        <input
          role="combobox"
          aria-label={props.label}
          aria-expanded="true"
          aria-controls={id}
          aria-autocomplete="list"
          aria-activedescendant={found().length > 0 ? `${id}-${active()}` : undefined}
          placeholder={t.create.findPeople}
          autocomplete="off"
          autofocus
          value={query()}
          onInput={(event) => {
            setQuery(event.currentTarget.value);
            setActive(0);
          }}
          onKeyDown={(event) => {
            const count = found().length;
            if (event.key === "ArrowDown" && count > 0) {
              event.preventDefault();
              setActive((active() + 1) % count);
            } else if (event.key === "ArrowUp" && count > 0) {
              event.preventDefault();
              setActive((active() + count - 1) % count);
            } else if (event.key === "Enter") {
              const user = found()[active()];
              if (user !== undefined) {
                event.preventDefault();
                pick(user);
              }
            } else if (event.key === "Backspace" && query() === "") {
              const last = props.chosen?.at(-1);
              if (last !== undefined) props.unpick?.(last);
            }
          }}
        />
      </div>
      <ul class="picker-list" role="listbox" id={id} aria-label={t.create.people}>
        <For each={found()}>
          {(user, index) => (
            <li
              role="option"
              id={`${id}-${index()}`}
              aria-selected={index() === active()}
              onPointerMove={() => setActive(index())}
              onClick={() => pick(user)}
            >
              <Avatar of={user} size={28} />
              <span class="truncate">{user.id === app.me() ? `${user.name} (${t.you})` : user.name}</span>
            </li>
          )}
        </For>
      </ul>
      <Show when={found().length === 0}>
        <p class="muted small">{query() === "" ? t.people.nobodyElse : t.create.nobody}</p>
      </Show>
    </div>
  );
}
