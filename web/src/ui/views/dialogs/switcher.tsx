import { Search } from "lucide";
import { createMemo, createSignal, createUniqueId, For, Show, type JSX } from "solid-js";

import { openDirect, reasonOf } from "../../../actions";
import { rank } from "../../../core/find";
import { t } from "../../../core/i18n";
import { otherOf } from "../../../core/workspace";
import type { Conversation, User } from "../../../protocol/generated";
import { useApp } from "../../app";
import { Avatar, Icon, Place, toast } from "../../kit";
import { Dialog } from "../../kit/dialog";
import { shownPresence } from "../sidebar";

type Found = { key: string; name: string; hint: string } & (
  | { kind: "conversation"; conversation: Conversation }
  | { kind: "person"; user: User }
);

const SHOWN_MAX = 12;

/** Ctrl+K: goes to a person or a conversation by a few letters. */
export function Switcher(props: { close: () => void }): JSX.Element {
  const app = useApp();
  const id = createUniqueId();
  const [query, setQuery] = createSignal("");
  const [active, setActive] = createSignal(0);
  const all = createMemo((): Found[] => {
    const conversations = [...app.conversations().values()]
      .filter((mine) => mine.conversation.archived_at === null)
      .sort((a, b) => b.conversation.last_at - a.conversation.last_at);
    const withPeople = new Set(
      conversations.map((mine) => otherOf(mine.conversation, app.me())).filter((user) => user !== undefined),
    );
    const people = [...app.users().values()]
      .filter((user) => !user.disabled && !withPeople.has(user.id))
      .sort((a, b) => a.name.localeCompare(b.name));
    return [
      ...conversations.map(
        ({ conversation }): Found => ({
          key: conversation.id,
          name: app.title(conversation),
          hint: t.switcher[conversation.kind],
          kind: "conversation",
          conversation,
        }),
      ),
      ...people.map((user): Found => ({ key: user.id, name: user.name, hint: t.switcher.person, kind: "person", user })),
    ];
  });
  const found = createMemo((): Found[] =>
    all()
      .map((one, index) => ({ one, index, rank: rank(query(), one.name) }))
      .filter(({ rank }) => rank > 0)
      .sort((a, b) => b.rank - a.rank || a.index - b.index)
      .slice(0, SHOWN_MAX)
      .map(({ one }) => one),
  );
  const open = (one: Found | undefined): void => {
    if (one === undefined) return;
    props.close();
    if (one.kind === "conversation") {
      app.go({ kind: "conversation", id: one.conversation.id });
      return;
    }
    openDirect(app.client, one.user.id).then(
      (mine) => app.go({ kind: "conversation", id: mine.conversation.id }),
      (error: unknown) => toast(reasonOf(error), "bad"),
    );
  };
  return (
    <Dialog title={t.switcher.title} open close={() => props.close()} bare wide>
      <div class="input input-large">
        <Icon of={Search} />
        <input
          role="combobox"
          aria-label={t.switcher.field}
          aria-expanded="true"
          aria-controls={id}
          aria-autocomplete="list"
          aria-activedescendant={found().length > 0 ? `${id}-${active()}` : undefined}
          placeholder={t.switcher.placeholder}
          autocomplete="off"
          autofocus
          value={query()}
          onInput={(event) => {
            setQuery(event.currentTarget.value);
            setActive(0);
          }}
          onKeyDown={(event) => {
            const count = Math.max(1, found().length);
            if (event.key === "ArrowDown") {
              event.preventDefault();
              setActive((active() + 1) % count);
            } else if (event.key === "ArrowUp") {
              event.preventDefault();
              setActive((active() + count - 1) % count);
            } else if (event.key === "Enter") {
              event.preventDefault();
              open(found()[active()]);
            }
          }}
        />
      </div>
      <ul class="picker-list" role="listbox" id={id} aria-label={t.switcher.results}>
        <For each={found()}>
          {(one, index) => (
            <li
              role="option"
              id={`${id}-${index()}`}
              aria-selected={index() === active()}
              onPointerMove={() => setActive(index())}
              onClick={() => open(one)}
            >
              <FoundFace of={one} />
              <span class="grow truncate">{one.name}</span>
              <span class="meta faint">{one.hint}</span>
            </li>
          )}
        </For>
      </ul>
      <Show when={found().length === 0}>
        <p class="muted">
          {t.switcher.nothing(query())}. {t.switcher.nothingText}
        </p>
      </Show>
    </Dialog>
  );
}

function FoundFace(props: { of: Found }): JSX.Element {
  const app = useApp();
  const { of } = props;
  if (of.kind === "person") return <Avatar of={of.user} size={28} presence={shownPresence(app, of.user.id)} />;
  const other = otherOf(of.conversation, app.me());
  if (other !== undefined) return <Avatar of={app.user(other)} size={28} presence={shownPresence(app, other)} />;
  return <Place of={of.conversation} />;
}
