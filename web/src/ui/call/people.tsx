import {
  Ellipsis,
  Hand,
  Lock,
  LockOpen,
  Mic,
  MicOff,
  PhoneOff,
  RefreshCw,
  ScreenShare,
  ScreenShareOff,
  UserMinus,
  UserPlus,
  Video,
  VideoOff,
} from "lucide";
import { createMemo, createSignal, For, lazy, Show, Suspense, type JSX } from "solid-js";

import { reasonOf } from "../../actions";
import { truthOf, type InCall } from "../../call";
import { hostOf, peopleIn } from "../../core/calls";
import { format } from "../../core/i18n";
import { room } from "../../core/i18n/call.en";
import type { HostAct, Participant, PeerId, RingState, UserId } from "../../protocol/generated";
import { useApp, type App } from "../app";
import { Avatar, Bars, Button, Confirm, Icon, IconButton, Menu, SearchField, toast, type MenuItem } from "../kit";
import { EndForAll } from "./end-for-all";
import { lineOf } from "./outgoing";
import { conversationOf, mayHost, placeInLine, placeName, secondsSince, useCalls, useMedia, useServerNow } from "./room";

const RingPeople = lazy(async () => ({ default: (await import("./ring-people")).RingPeople }));

/** Above so many, people are found by name. */
const FIND_FROM = 12;

const text = room.people;

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
  // By id: a row with an open menu or the focus stays that row while its person talks, mutes and waves.
  const shown = createMemo(
    (): PeerId[] => {
      const wanted = query().trim().toLowerCase();
      const all = props.own.call.participants;
      const found =
        wanted === "" ? all : all.filter((one) => app.personName(one.user_id).toLowerCase().includes(wanted));
      return found.map((one) => one.peer_id);
    },
    [],
    { equals: (a, b) => a.length === b.length && a.every((peer, index) => peer === b[index]) },
  );
  const [ending, setEnding] = createSignal(false);
  const othersAreHeard = (): boolean =>
    props.own.call.participants.some((one) => one.microphone.on && one.user_id !== app.me());
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
      <Show when={isHost() && here().size > 1}>
        <div class="call-people-acts">
          <Button
            size="compact"
            icon={MicOff}
            disabled={!othersAreHeard()}
            onClick={() => act({ kind: "mute_others" })}
          >
            {text.muteOthers}
          </Button>
          <Button size="compact" kind="danger-quiet" icon={PhoneOff} onClick={() => setEnding(true)}>
            {text.endForAll}
          </Button>
        </div>
      </Show>
      <Show when={props.own.call.participants.length >= FIND_FROM}>
        <div class="call-people-find">
          <SearchField label={text.find} value={query()} onValue={setQuery} />
        </div>
      </Show>
      <div class="call-people-lists">
        <div class="call-people-head">
          <span class="grow">{text.inCall}</span>
          <span class="number">{props.own.call.participants.length}</span>
        </div>
        <Show when={shown().length === 0}>
          <p class="call-people-none" role="status">
            {text.noneFound}
          </p>
        </Show>
        <ul aria-label={text.inCall}>
          <For each={shown()}>
            {(peer) => (
              <Show when={props.own.call.participants.find((one) => one.peer_id === peer)}>
                {(one) => <Person own={props.own} one={one()} isHost={isHost()} act={act} remove={setLeaving} />}
              </Show>
            )}
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
      </div>
      <div class="call-people-foot">
        <span class="grow" role="status">
          <Show
            when={props.own.call.lock}
            fallback={
              conversation()?.kind === "channel" ? text.anyone(placeName(app, conversation())) : text.onlyMembers
            }
          >
            {(lock) => (
              <>
                {text.lockedFor}
                <br />
                <span class="meta">{text.lockedBy(app.nameWithin(lock().by), format.time(lock().since))}</span>
              </>
            )}
          </Show>
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
      <EndForAll own={props.own} open={ending()} close={() => setEnding(false)} />
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
    const { by, since } = one.microphone;
    if (!one.microphone.on && by !== null) {
      return { words: text.mutedBy(app.nameWithin(by), format.time(since)), tone: "plain" };
    }
    return { words: text.since(format.time(one.joined_at), one.device_name), tone: "plain" };
  });
  /** What the icons show, for who does not see them. */
  const spoken = (): string => {
    const { microphone, camera, screen, hand_raised_at: hand } = props.one;
    const words = [text.microphone[microphone.on ? "on" : "off"], text.camera[camera.on ? "on" : "off"]];
    if (screen.on) words.push(text.sharing);
    if (hand !== null) words.push(text.handIsUp);
    return words.join(", ");
  };
  const isAHost = (): boolean =>
    props.own.call.participants.length > 1 && hostOf(props.own.call) === props.one.user_id && !isDirect();
  const isDirect = (): boolean => conversationOf(app, props.own.call.conversation_id)?.kind === "direct";
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
        <p class="row call-person-name">
          <span class="truncate">
            {isSelf() ? text.you(app.user(props.one.user_id)?.name ?? "") : app.personName(props.one.user_id)}
          </span>
          <Show when={isAHost()}>
            <span class="pill">{text.host}</span>
          </Show>
        </p>
        <p class={`truncate meta tone-${state().tone}`}>{state().words}</p>
      </div>
      <span class="spoken">{spoken()}</span>
      <span class="call-person-state" aria-hidden="true">
        <Show when={placeInLine(props.own, props.one.peer_id) > 0}>
          <span class="tone-caution">
            <Icon of={Hand} size="medium" />
          </span>
        </Show>
        <Show when={props.one.screen.on}>
          <Icon of={ScreenShare} size="medium" />
        </Show>
        <Show
          when={props.one.connection.kind !== "reconnecting"}
          fallback={
            <span class="tone-caution">
              <Icon of={RefreshCw} size="medium" />
            </span>
          }
        >
          <Show
            when={media().speaking.has(props.one.peer_id)}
            fallback={<Icon of={props.one.microphone.on ? Mic : MicOff} size="medium" />}
          >
            <Bars />
          </Show>
          <Icon of={props.one.camera.on ? Video : VideoOff} size="medium" />
        </Show>
      </span>
      <Show when={items().length > 0}>
        <Menu
          label={text.actions(app.personName(props.one.user_id))}
          class="icon-button icon-button-compact call-person-menu"
          placement="bottom-end"
          items={items()}
        >
          <Icon of={Ellipsis} />
        </Menu>
      </Show>
    </li>
  );
}
