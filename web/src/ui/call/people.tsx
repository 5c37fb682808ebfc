import { Ellipsis, Hand, Lock, LockOpen, Mic, MicOff, RefreshCw, ScreenShareOff, UserMinus, UserPlus, Video, VideoOff } from "lucide";
import { createMemo, createSignal, For, lazy, Show, Suspense, type JSX } from "solid-js";

import { reasonOf } from "../../actions";
import { truthOf, type InCall } from "../../call";
import { hostOf, peopleIn } from "../../core/calls";
import { format } from "../../core/i18n";
import { room } from "../../core/i18n/call.en";
import type { HostAct, Participant, RingState, UserId } from "../../protocol/generated";
import { useApp, type App } from "../app";
import { Avatar, Bars, Button, Confirm, Icon, IconButton, Menu, toast, type MenuItem } from "../kit";
import { lineOf } from "./outgoing";
import { conversationOf, placeInLine, placeName, secondsSince, useCalls, useMedia, useServerNow } from "./room";

const RingPeople = lazy(async () => ({ default: (await import("./ring-people")).RingPeople }));

/** Above so many, people are found by name. */
const FIND_FROM = 12;

const text = room.people;

/** Whether this person hosts the call: in it as its host, or by what they are in the conversation. */
export function mayHost(app: App, own: InCall): boolean {
  const conversation = conversationOf(app, own.call.conversation_id);
  const me = app.me();
  if (conversation === undefined || conversation.kind === "direct" || me === undefined) return false;
  return hostOf(own.call) === me || conversation.created_by === me || app.user(me)?.role === "admin";
}

/** Says what went wrong with what was asked of the server. */
function carried(asked: Promise<void>): void {
  asked.catch((error: unknown) => toast(reasonOf(error), "bad"));
}

/** Who is in the call, who is being rung and who could be; and for hosts what they may do to others. */
export function PeopleList(props: { own: InCall }): JSX.Element {
  const app = useApp();
  const calls = useCalls();
  const [query, setQuery] = createSignal("");
  const conversation = createMemo(() => conversationOf(app, props.own.call.conversation_id));
  const isHost = createMemo(() => mayHost(app, props.own));
  const here = createMemo(() => new Set(peopleIn(props.own.call)));
  const shown = createMemo(() => {
    const wanted = query().trim().toLowerCase();
    const all = props.own.call.participants;
    return wanted === "" ? all : all.filter((one) => app.personName(one.user_id).toLowerCase().includes(wanted));
  });
  const rung = createMemo(() =>
    props.own.call.rings.filter((ring) => ring.status !== "answered" && !here().has(ring.user_id)),
  );
  // A channel's members are a request of their own, and too many to list here.
  const away = createMemo(() => {
    const taken = new Set([...here(), ...rung().map((ring) => ring.user_id), ...props.own.call.removed]);
    return (conversation()?.members ?? []).filter((member) => !taken.has(member));
  });
  const [leaving, setLeaving] = createSignal<UserId | null>(null);
  const act = (what: HostAct): void => carried(calls.host(what));
  const isLocked = (): boolean => props.own.call.lock !== null;

  return (
    <div class="call-people">
      <Show when={props.own.call.participants.length >= FIND_FROM}>
        <input
          class="input call-people-find"
          type="search"
          aria-label={text.find}
          placeholder={text.find}
          value={query()}
          onInput={(event) => setQuery(event.currentTarget.value)}
        />
      </Show>
      <div class="call-people-head">
        <span class="grow">{text.inCall}</span>
        <Show when={isHost() && here().size > 1}>
          <Button kind="quiet" size="compact" onClick={() => act({ kind: "mute_others" })}>
            {text.muteOthers}
          </Button>
        </Show>
        <span class="number">{props.own.call.participants.length}</span>
      </div>
      <ul aria-label={text.inCall}>
        <For each={shown()}>
          {(one) => <Person own={props.own} one={one} isHost={isHost()} act={act} remove={setLeaving} />}
        </For>
      </ul>
      <Section title={text.beingRung} people={rung()}>
        {(ring) => (
          <Line user={ring.user_id} words={lineOf(truthOf([ring]), app.firstName(ring.user_id)).title}>
            <Show
              when={goesOn(ring)}
              fallback={
                <Button
                  kind="quiet"
                  size="compact"
                  aria-label={text.ringAgain(app.personName(ring.user_id))}
                  onClick={() => carried(calls.add([ring.user_id], false))}
                >
                  {text.again}
                </Button>
              }
            >
              <Button
                kind="quiet"
                size="compact"
                aria-label={text.stopRinging(app.personName(ring.user_id))}
                onClick={() => carried(calls.stopRing(ring.user_id))}
              >
                {text.stop}
              </Button>
            </Show>
          </Line>
        )}
      </Section>
      <Section title={text.takenOut} people={isHost() ? props.own.call.removed : []}>
        {(user) => (
          <Line user={user} words="">
            <Button
              kind="quiet"
              size="compact"
              aria-label={text.letInPerson(app.personName(user))}
              onClick={() => act({ kind: "let_in", user_id: user })}
            >
              {text.letIn}
            </Button>
          </Line>
        )}
      </Section>
      <Section title={text.notHere} people={away()}>
        {(user) => (
          <Line user={user} words="">
            <Button
              kind="quiet"
              size="compact"
              aria-label={text.ringPerson(app.personName(user))}
              onClick={() => carried(calls.add([user], false))}
            >
              {text.ring}
            </Button>
          </Line>
        )}
      </Section>
      <div class="call-people-foot">
        <span class="grow" role="status">
          {isLocked()
            ? text.lockedFor
            : conversation()?.kind === "channel"
              ? text.anyone(placeName(app, conversation()))
              : text.onlyMembers}
        </span>
        <Show when={isHost()} fallback={<Icon of={isLocked() ? Lock : LockOpen} size="medium" />}>
          <IconButton
            icon={isLocked() ? Lock : LockOpen}
            label={isLocked() ? text.unlock : text.lock}
            tipSide="top"
            onClick={() => act({ kind: isLocked() ? "unlock" : "lock" })}
          />
        </Show>
      </div>
      <Confirm
        title={text.removeTitle(nameOrNone(app, leaving()))}
        text={text.removeText}
        keep={text.keep}
        act={text.remove}
        open={leaving() !== null}
        close={() => setLeaving(null)}
        confirm={() => {
          const user = leaving();
          if (user !== null) act({ kind: "remove", user_id: user });
        }}
      />
    </div>
  );
}

/** Opens what rings people who are not in the call yet. */
export function RingSomeone(props: { own: InCall }): JSX.Element {
  const [open, setOpen] = createSignal(false);
  return (
    <>
      <Button size="compact" icon={UserPlus} onClick={() => setOpen(true)}>
        {text.ringSomeone}
      </Button>
      <Suspense>
        <Show when={open()}>
          <RingPeople own={props.own} close={() => setOpen(false)} />
        </Show>
      </Suspense>
    </>
  );
}

function nameOrNone(app: App, user: UserId | null): string {
  return user === null ? "" : app.personName(user);
}

function goesOn(ring: RingState): boolean {
  return ring.status !== "declined" && ring.status !== "no_answer";
}

function Section<T>(props: { title: string; people: readonly T[]; children: (one: T) => JSX.Element }): JSX.Element {
  return (
    <Show when={props.people.length > 0}>
      <div class="call-people-head">
        <span class="grow">{props.title}</span>
        <span class="number">{props.people.length}</span>
      </div>
      <ul aria-label={props.title}>
        <For each={props.people}>{props.children}</For>
      </ul>
    </Show>
  );
}

function Line(props: { user: UserId; words: string; children: JSX.Element }): JSX.Element {
  const app = useApp();
  return (
    <li class="call-person">
      <Avatar of={app.user(props.user)} size={36} />
      <div class="grow">
        <p class="truncate call-person-name">{app.personName(props.user)}</p>
        <Show when={props.words !== ""}>
          <p class="truncate meta">{props.words}</p>
        </Show>
      </div>
      {props.children}
    </li>
  );
}

function Person(props: {
  own: InCall;
  one: Participant;
  isHost: boolean;
  act: (what: HostAct) => void;
  remove: (user: UserId) => void;
}): JSX.Element {
  const app = useApp();
  const media = useMedia();
  const now = useServerNow();
  const isSelf = (): boolean => props.one.peer_id === props.own.peerId;
  const state = createMemo((): { words: string; tone: string } => {
    const { one } = props;
    const place = placeInLine(props.own, one.peer_id);
    if (one.connection.kind === "reconnecting") {
      return { words: text.reconnecting(secondsSince(one.connection.since, now())), tone: "caution" };
    }
    if (one.connection.kind === "connecting") return { words: text.connecting, tone: "plain" };
    if (place > 0) {
      return { words: text.handUp(place, format.length(now() - (one.hand_raised_at ?? now()))), tone: "plain" };
    }
    if (media().speaking.has(one.peer_id)) return { words: text.talking, tone: "good" };
    const { by } = one.microphone;
    if (!one.microphone.on && by !== null) return { words: text.mutedBy(app.nameWithin(by)), tone: "plain" };
    return { words: text.on(one.device_name), tone: "plain" };
  });
  const items = createMemo((): MenuItem[] => {
    const { one } = props;
    if (!props.isHost || one.user_id === app.me()) return [];
    const found: MenuItem[] = [];
    const peer = { peer_id: one.peer_id };
    if (one.microphone.on) {
      found.push({ kind: "item", label: text.mute, icon: MicOff, run: () => props.act({ kind: "mute", ...peer }) });
    }
    if (one.screen.on) {
      found.push({
        kind: "item",
        label: text.stopShare,
        icon: ScreenShareOff,
        run: () => props.act({ kind: "stop_screen", ...peer }),
      });
    }
    if (one.hand_raised_at !== null) {
      found.push({ kind: "item", label: text.lowerHand, icon: Hand, run: () => props.act({ kind: "lower_hand", ...peer }) });
    }
    if (found.length > 0) found.push({ kind: "separator" });
    found.push({ kind: "item", label: text.remove, icon: UserMinus, danger: true, run: () => props.remove(one.user_id) });
    return found;
  });
  return (
    <li class="call-person">
      <Avatar of={app.user(props.one.user_id)} size={36} />
      <div class="grow">
        <p class="truncate call-person-name">
          {isSelf() ? text.you(app.user(props.one.user_id)?.name ?? "") : app.personName(props.one.user_id)}
        </p>
        <p class={`truncate meta tone-${state().tone}`}>{state().words}</p>
      </div>
      <Show when={placeInLine(props.own, props.one.peer_id) > 0}>
        <Icon of={Hand} size="medium" />
      </Show>
      <Show when={props.one.connection.kind !== "reconnecting"} fallback={<Icon of={RefreshCw} size="medium" />}>
        <Show
          when={media().speaking.has(props.one.peer_id)}
          fallback={<Icon of={props.one.microphone.on ? Mic : MicOff} size="medium" />}
        >
          <Bars />
        </Show>
        <Icon of={props.one.camera.on ? Video : VideoOff} size="medium" />
      </Show>
      <Show when={items().length > 0}>
        <Menu
          label={text.actions(app.personName(props.one.user_id))}
          class="icon-button icon-button-compact"
          placement="bottom-end"
          items={items()}
        >
          <Icon of={Ellipsis} />
        </Menu>
      </Show>
    </li>
  );
}
