import { ArrowDown, Hash } from "lucide";
import {
  createEffect,
  createMemo,
  createSignal,
  For,
  Match,
  on,
  onCleanup,
  onMount,
  Show,
  Switch,
  untrack,
  type JSX,
} from "solid-js";

import { format, t } from "../../../core/i18n";
import { nextRows, NO_ROWS, type Row, type Rows } from "../../../core/rows";
import { Scroller } from "../../../platform/scroller";
import type { CallId, Conversation, MessageId } from "../../../protocol/generated";
import { useApp } from "../../app";
import { bind } from "../../bind";
import { announce, Button, Confirm, Empty, Icon, Skeleton, toast } from "../../kit";
import { parse, plain } from "../../../core/text";
import { reasonOf } from "../../../actions";
import type { RowHooks } from "./hooks";
import { RowView } from "./row";

export type TimelineControl = {
  editLast: () => void;
};

/** A first guess of heights, in pixels; each row is measured once it is drawn. */
const GUESSES: Record<Exclude<Row["kind"], "message" | "outgoing">, number> = {
  beginning: 160,
  day: 44,
  new_since: 38,
  call: 92,
  spine_head: 34,
  room_head: 38,
  notice: 30,
};
const LINE_PX = 22;
const PARAGRAPH_PX = 6;
const AROUND_PX = 5;
const NAME_PX = 28;
/** Letters in a line of a wide window. */
const LINE_CHARS = 116;

/** A good guess saves drawing twice: how many rows fill the window depends on it. */
function guess(row: Row): number {
  if (row.kind !== "message" && row.kind !== "outgoing") return GUESSES[row.kind];
  const text = row.kind === "message" ? row.item.message.text : row.message.text;
  let height = AROUND_PX + (row.named ? NAME_PX : 0);
  for (const line of text.split("\n")) {
    height += line === "" ? PARAGRAPH_PX : Math.max(1, Math.ceil(line.length / LINE_CHARS)) * LINE_PX;
  }
  return height;
}

/** Between the newest message and the composer. */
const BELOW_PX = 10;

export function TimelineView(props: {
  conversation: Conversation;
  /** The call whose room this stands beside, if it does. */
  room: CallId | null;
  /** Given once, so that the composer can reach the last own message. */
  control?: (control: TimelineControl) => void;
}): JSX.Element {
  const app = useApp();
  const { client } = app;
  const id = props.conversation.id;
  const timeline = bind(client.timeline(id));
  const [unfolded, setUnfolded] = createSignal<ReadonlySet<CallId>>(new Set());
  const [editing, setEditing] = createSignal<MessageId | null>(null);
  const [removing, setRemoving] = createSignal<MessageId | null>(null);
  const [shown, setShown] = createSignal<readonly Row[]>([]);
  const [atEnd, setAtEnd] = createSignal(true);
  const [seenUpTo, setSeenUpTo] = createSignal(0);
  const [visible, setVisible] = createSignal(document.visibilityState === "visible");

  client.open(id);
  // The line stays where it was when one came, however much is read since.
  const atOpening = untrack(() => app.conversations().get(id)?.read);
  const newAfter = atOpening !== undefined && atOpening.unread > 0 ? atOpening.read_seq : null;

  const laidOut = createMemo((before: Rows) => {
    const me = app.me();
    if (me === undefined) return before;
    return nextRows(before, timeline(), {
      me,
      newAfter,
      unfolded: unfolded(),
      room: props.room,
      dayOf: format.startOfDay,
    });
  }, NO_ROWS);
  const rows = (): readonly Row[] => laidOut().rows;

  let viewport!: HTMLDivElement;
  let spacer!: HTMLDivElement;
  let box!: HTMLOListElement;
  let scroller: Scroller<Row> | undefined;
  onMount(() => {
    scroller = new Scroller<Row>(
      { viewport, spacer, box, below: BELOW_PX },
      {
        estimate: guess,
        show: (next) => setShown(next),
        nearStart: () => client.readOlder(id),
        endChanged: setAtEnd,
      },
    );
    createEffect(() => {
      const next = rows();
      untrack(() => scroller?.setRows(next));
    });
    onCleanup(() => scroller?.stop());
  });
  const onVisibility = (): void => {
    setVisible(document.visibilityState === "visible");
  };
  document.addEventListener("visibilitychange", onVisibility);
  onCleanup(() => document.removeEventListener("visibilitychange", onVisibility));

  // What is in sight at the end has been read.
  createEffect(() => {
    const { loaded, last } = timeline();
    const read = app.conversations().get(id)?.read;
    if (!loaded || !atEnd() || !visible() || read === undefined) return;
    setSeenUpTo(last);
    if (last > read.read_seq || read.unread > 0) untrack(() => client.markRead(id, last));
  });
  const below = createMemo(() => {
    const { items } = timeline();
    let count = 0;
    for (let i = items.length - 1; (items[i]?.seq ?? 0) > seenUpTo(); i--) {
      if (items[i]?.kind === "message" && items[i]?.author !== app.me()) count++;
    }
    return count;
  });

  // New messages are spoken once; scrolling through old ones is not.
  createEffect(
    on(
      () => timeline().items.at(-1),
      (item, previous) => {
        if (item?.kind !== "message" || previous === undefined || item.seq <= previous.seq) return;
        if (item.author === app.me() || item.message.deleted_at !== null) return;
        const words = plain(parse(item.message.text), (user) => app.personName(user));
        announce(t.conversation.said(app.personName(item.author), words));
      },
      { defer: true },
    ),
  );

  props.control?.({
    editLast: () => {
      const own = timeline().items.findLast(
        (item) => item.kind === "message" && item.author === app.me() && item.message.deleted_at === null,
      );
      if (own?.kind !== "message") return;
      setEditing(own.message.id);
      const row = rows().find((one) => one.kind === "message" && one.item.seq === own.seq);
      if (row !== undefined && !shown().includes(row)) scroller?.toRow(row.key);
    },
  });

  const hooks: RowHooks = {
    get conversation() {
      return props.conversation;
    },
    editing,
    edit: setEditing,
    remove: setRemoving,
    toggleFold: (call) =>
      setUnfolded((open) => {
        const next = new Set(open);
        if (!next.delete(call)) next.add(call);
        return next;
      }),
  };

  const remove = (message: MessageId): void => {
    client.delete(id, message).catch((error: unknown) => toast(reasonOf(error), "bad"));
  };

  // Arrow keys go from message to message, so that the page keeps one tab stop for all of them.
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.target instanceof HTMLElement && event.target.closest("textarea, input, [role=menu]") !== null) return;
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    const items = [...box.querySelectorAll<HTMLElement>("[data-row]")];
    const at = items.findIndex((item) => item.contains(document.activeElement));
    const next = at < 0 ? items.length - 1 : at + (event.key === "ArrowDown" ? 1 : -1);
    const item = items[next];
    if (item === undefined) return;
    event.preventDefault();
    item.focus();
    item.scrollIntoView({ block: "nearest" });
  };

  return (
    <div class="timeline">
      <div
        class="timeline-viewport"
        ref={viewport}
        tabindex="0"
        role="group"
        aria-label={t.conversation.timeline(app.title(props.conversation))}
        onKeyDown={onKeyDown}
      >
        <div class="timeline-spacer" ref={spacer}>
          <ol class="timeline-box" ref={box}>
            <For each={shown()}>
              {(row) => (
                <li
                  class="timeline-row"
                  ref={(element) => {
                    scroller?.attach(element, row);
                    onCleanup(() => scroller?.detach(element));
                  }}
                >
                  <RowView row={row} hooks={hooks} />
                </li>
              )}
            </For>
          </ol>
        </div>
      </div>
      <Switch>
        <Match when={timeline().loading.kind === "failed" && timeline().loading}>
          {(loading) => (
            <div class="timeline-over">
              <div class="banner banner-bad" role="alert">
                <span class="grow">
                  <b>{t.conversation.loadFailed}</b> {failure(loading())}
                </span>
                <Button size="compact" onClick={() => client.readAgain(id)}>
                  {t.retry}
                </Button>
              </div>
            </div>
          )}
        </Match>
        <Match when={!timeline().loaded}>
          <div class="timeline-over">
            <Skeleton rows={5} />
          </div>
        </Match>
        <Match when={!atEnd() && rows().length > 0}>
          <div class="timeline-jump">
            <Button size="compact" onClick={() => scroller?.toEnd()}>
              <Icon of={ArrowDown} size="small" />
              {below() > 0 ? t.conversation.newBelow(below()) : t.conversation.toNewest}
            </Button>
          </div>
        </Match>
      </Switch>
      <Show when={timeline().loaded && rows().length === 0}>
        <Empty icon={Hash} title={t.conversation.beginning(app.title(props.conversation))} />
      </Show>
      <Confirm
        title={t.message.deleteTitle}
        text={t.message.deleteText}
        keep={t.message.keep}
        act={t.message.deleteShort}
        open={removing() !== null}
        close={() => setRemoving(null)}
        confirm={() => {
          const message = removing();
          if (message !== null) remove(message);
        }}
      />
    </div>
  );
}

function failure(loading: { kind: string; reason?: string }): string {
  return loading.reason ?? "";
}
