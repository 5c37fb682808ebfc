/** The dialogs of the shell, one at a time. Loaded with the first one. */
import { Copy, Link as LinkIcon, Phone, Video } from "lucide";
import { createMemo, createResource, createSignal, For, Match, Show, Switch, type JSX } from "solid-js";

import {
  addMembers,
  canCall,
  createConversation,
  fieldOf,
  openDirect,
  reasonOf,
  startCall,
  updateConversation,
} from "../../../actions";
import { find } from "../../../core/find";
import { format, t } from "../../../core/i18n";
import { otherOf } from "../../../core/workspace";
import {
  CONVERSATION_NAME_CHARS_MAX,
  GROUP_MEMBERS_MAX,
  TOPIC_CHARS_MAX,
  type CallMedia,
  type Conversation,
  type CreateConversationRequest,
  type Invite,
  type InviteCreated,
  type InviteList,
  type UserId,
} from "../../../protocol/generated";
import { useApp } from "../../app";
import { ready } from "../../bind";
import { Avatar, Button, Icon, IconButton, Place, SearchField, TextField, toast, Wrong } from "../../kit";
import { Dialog } from "../../kit/dialog";
import { copy } from "../message-text";
import { PeoplePicker } from "./people-picker";
import { Switcher } from "./switcher";

export function Dialogs(): JSX.Element {
  const app = useApp();
  const close = (): void => app.show({ kind: "none" });
  const kind = (): string => app.dialog().kind;
  return (
    <>
      <Show when={kind() === "switcher"}>
        <Switcher close={close} />
      </Show>
      <Show when={kind() === "invite"}>
        <InviteDialog close={close} />
      </Show>
      <Show when={kind() === "create_channel"}>
        <CreateChannel close={close} />
      </Show>
      <Show when={kind() === "create_group"}>
        <CreateGroup close={close} />
      </Show>
      <Show when={kind() === "create_direct"}>
        <CreateDirect close={close} />
      </Show>
      <Show when={kind() === "new_call"}>
        <NewCall close={close} />
      </Show>
      <Show when={kind() === "rename_workspace"}>
        <RenameWorkspace close={close} />
      </Show>
      <Show when={conversationFor(app.dialog(), "add_members")} keyed>
        {(conversation) => <AddMembers conversation={conversation} close={close} />}
      </Show>
      <Show when={conversationFor(app.dialog(), "edit_conversation")} keyed>
        {(conversation) => <EditConversation conversation={conversation} close={close} />}
      </Show>
    </>
  );
}

function conversationFor(
  dialog: { kind: string; conversation?: Conversation },
  kind: string,
): Conversation | undefined {
  return dialog.kind === kind ? dialog.conversation : undefined;
}

/** A form in a dialog: what was wrong stays in it, success closes it. */
function useDialogForm(close: () => void): {
  busy: () => boolean;
  wrong: () => { field: string | null; text: string } | undefined;
  run: (act: () => Promise<unknown>) => void;
} {
  const [busy, setBusy] = createSignal(false);
  const [wrong, setWrong] = createSignal<{ field: string | null; text: string }>();
  return {
    busy,
    wrong,
    run: (act) => {
      if (busy()) return;
      setBusy(true);
      setWrong(undefined);
      act().then(close, (error: unknown) => {
        setBusy(false);
        setWrong({ field: fieldOf(error), text: reasonOf(error) });
      });
    },
  };
}

function CreateChannel(props: { close: () => void }): JSX.Element {
  const app = useApp();
  const form = useDialogForm(() => props.close());
  const [name, setName] = createSignal("");
  const [topic, setTopic] = createSignal("");
  const [isPrivate, setPrivate] = createSignal(false);
  const submit = (event: Event): void => {
    event.preventDefault();
    form.run(async () => {
      const request: CreateConversationRequest = {
        kind: "channel",
        name: name().trim(),
        topic: topic().trim() === "" ? null : topic().trim(),
        visibility: isPrivate() ? "private" : "public",
      };
      const mine = await createConversation(app.client, request);
      app.go({ kind: "conversation", id: mine.conversation.id });
    });
  };
  return (
    <Dialog title={t.create.channel} text={t.create.channelText} open close={() => props.close()}>
      <form class="form" onSubmit={submit}>
        <TextField
          label={t.create.name}
          hint={t.create.nameHint}
          value={name()}
          onValue={(value) => setName(value.toLowerCase().replaceAll(/\s+/g, "-"))}
          maxlength={CONVERSATION_NAME_CHARS_MAX}
          required
          autofocus
          autocomplete="off"
          wrong={form.wrong()?.field === "name" ? form.wrong()?.text : undefined}
        />
        <TextField
          label={t.create.topic}
          hint={t.create.topicHint}
          value={topic()}
          onValue={setTopic}
          maxlength={TOPIC_CHARS_MAX}
          autocomplete="off"
        />
        <label class="row">
          <input
            class="checkbox"
            type="checkbox"
            checked={isPrivate()}
            onChange={(event) => setPrivate(event.currentTarget.checked)}
          />
          {t.create.private}
        </label>
        <Wrong text={form.wrong()?.field === "name" ? undefined : form.wrong()?.text} />
        <Actions close={() => props.close()} act={t.create.createChannel} busy={form.busy()} />
      </form>
    </Dialog>
  );
}

function CreateGroup(props: { close: () => void }): JSX.Element {
  const app = useApp();
  const form = useDialogForm(() => props.close());
  const [name, setName] = createSignal("");
  const [chosen, setChosen] = createSignal<readonly UserId[]>([]);
  const submit = (event: Event): void => {
    event.preventDefault();
    form.run(async () => {
      const mine = await createConversation(app.client, {
        kind: "group",
        name: name().trim() === "" ? null : name().trim(),
        members: [...chosen()],
      });
      app.go({ kind: "conversation", id: mine.conversation.id });
    });
  };
  return (
    <Dialog title={t.create.group} text={t.create.groupText} open close={() => props.close()}>
      <form class="form" onSubmit={submit}>
        <PeoplePicker
          label={t.create.people}
          chosen={chosen()}
          pick={(user) => setChosen((all) => [...all, user.id].slice(0, GROUP_MEMBERS_MAX - 1))}
          unpick={(user) => setChosen((all) => all.filter((one) => one !== user))}
        />
        <TextField
          label={t.create.groupName}
          hint={t.create.groupNameHint}
          value={name()}
          onValue={setName}
          maxlength={CONVERSATION_NAME_CHARS_MAX}
          autocomplete="off"
        />
        <Wrong text={form.wrong()?.text} />
        <Actions
          close={() => props.close()}
          act={t.create.createGroup}
          busy={form.busy()}
          disabled={chosen().length === 0}
        />
      </form>
    </Dialog>
  );
}

function CreateDirect(props: { close: () => void }): JSX.Element {
  const app = useApp();
  const form = useDialogForm(() => props.close());
  return (
    <Dialog title={t.create.direct} text={t.create.directText} open close={() => props.close()}>
      <PeoplePicker
        label={t.create.findPeople}
        withMe
        pick={(user) =>
          form.run(async () => {
            const mine = await openDirect(app.client, user.id);
            app.go({ kind: "conversation", id: mine.conversation.id });
          })
        }
      />
      <Wrong text={form.wrong()?.text} />
    </Dialog>
  );
}

function NewCall(props: { close: () => void }): JSX.Element {
  const app = useApp();
  const [query, setQuery] = createSignal("");
  const found = createMemo(() => {
    const all = [...app.conversations().values()]
      .map((mine) => mine.conversation)
      .filter(canCall)
      .sort((a, b) => b.last_at - a.last_at);
    return find(query(), all, (conversation) => app.title(conversation), 30);
  });
  const start = (conversation: Conversation, media: CallMedia): void => {
    props.close();
    startCall(app.calls, conversation.id, media).catch(() => toast(t.call.failed, "bad"));
  };
  return (
    <Dialog title={t.create.call} text={t.create.callText} open close={() => props.close()}>
      <SearchField label={t.switcher.placeholder} value={query()} onValue={setQuery} autofocus />
      <ul class="picker-list picker-rows">
        <For each={found()}>
          {(conversation) => (
            <li class="list-row">
              <Show when={otherOf(conversation, app.me())} fallback={<Place of={conversation} />}>
                {(user) => <Avatar of={app.user(user())} />}
              </Show>
              <span class="grow truncate">{app.title(conversation)}</span>
              <IconButton
                icon={Phone}
                label={`${t.conversation.startVoice}, ${app.title(conversation)}`}
                onClick={() => start(conversation, "voice")}
              />
              <IconButton
                icon={Video}
                label={`${t.conversation.startVideo}, ${app.title(conversation)}`}
                onClick={() => start(conversation, "video")}
              />
            </li>
          )}
        </For>
      </ul>
    </Dialog>
  );
}

function AddMembers(props: { conversation: Conversation; close: () => void }): JSX.Element {
  const app = useApp();
  const form = useDialogForm(() => props.close());
  const [chosen, setChosen] = createSignal<readonly UserId[]>([]);
  const submit = (event: Event): void => {
    event.preventDefault();
    form.run(() => addMembers(app.client, props.conversation.id, [...chosen()]));
  };
  return (
    <Dialog title={t.details.addTitle(app.title(props.conversation))} open close={() => props.close()}>
      <form class="form" onSubmit={submit}>
        <PeoplePicker
          label={t.create.people}
          except={props.conversation.members}
          chosen={chosen()}
          pick={(user) => setChosen((all) => [...all, user.id])}
          unpick={(user) => setChosen((all) => all.filter((one) => one !== user))}
        />
        <Wrong text={form.wrong()?.text} />
        <Actions
          close={() => props.close()}
          act={t.details.addButton}
          busy={form.busy()}
          disabled={chosen().length === 0}
        />
      </form>
    </Dialog>
  );
}

function EditConversation(props: { conversation: Conversation; close: () => void }): JSX.Element {
  const app = useApp();
  const form = useDialogForm(() => props.close());
  const [name, setName] = createSignal(props.conversation.name ?? "");
  const [topic, setTopic] = createSignal(props.conversation.topic);
  const isChannel = (): boolean => props.conversation.kind === "channel";
  const submit = (event: Event): void => {
    event.preventDefault();
    form.run(() =>
      updateConversation(app.client, props.conversation.id, {
        name: name().trim() === (props.conversation.name ?? "") ? null : name().trim(),
        topic: topic().trim() === props.conversation.topic ? null : topic().trim(),
      }),
    );
  };
  return (
    <Dialog title={t.details.editTitle} open close={() => props.close()}>
      <form class="form" onSubmit={submit}>
        <TextField
          label={t.details.name}
          value={name()}
          onValue={(value) => setName(isChannel() ? value.toLowerCase().replaceAll(/\s+/g, "-") : value)}
          maxlength={CONVERSATION_NAME_CHARS_MAX}
          required={isChannel()}
          autofocus
          autocomplete="off"
          wrong={form.wrong()?.field === "name" ? form.wrong()?.text : undefined}
        />
        <TextField
          label={t.details.topic}
          value={topic()}
          onValue={setTopic}
          maxlength={TOPIC_CHARS_MAX}
          autocomplete="off"
        />
        <Wrong text={form.wrong()?.field === "name" ? undefined : form.wrong()?.text} />
        <Actions close={() => props.close()} act={t.save} busy={form.busy()} />
      </form>
    </Dialog>
  );
}

function RenameWorkspace(props: { close: () => void }): JSX.Element {
  const app = useApp();
  const form = useDialogForm(() => props.close());
  const [name, setName] = createSignal(app.workspace().me?.workspace.name ?? "");
  return (
    <Dialog title={t.workspace.rename} open close={() => props.close()}>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          form.run(() => app.client.http.patch("/workspace", { name: name().trim() }));
        }}
      >
        <TextField label={t.workspace.renameField} value={name()} onValue={setName} required autofocus maxlength={60} wrong={form.wrong()?.text} />
        <Actions close={() => props.close()} act={t.save} busy={form.busy()} />
      </form>
    </Dialog>
  );
}

function Actions(props: { close: () => void; act: string; busy: boolean; disabled?: boolean }): JSX.Element {
  return (
    <div class="dialog-actions">
      <Button onClick={() => props.close()}>{t.cancel}</Button>
      <Button kind="primary" type="submit" busy={props.busy} disabled={props.disabled === true}>
        {props.act}
      </Button>
    </div>
  );
}

const DAY_S = 86_400;

function InviteDialog(props: { close: () => void }): JSX.Element {
  const app = useApp();
  const { http } = app.client;
  const [uses, setUses] = createSignal("1");
  const [days, setDays] = createSignal("7");
  const [made, setMade] = createSignal<string>();
  const [wrong, setWrong] = createSignal<string>();
  const [busy, setBusy] = createSignal(false);
  const [listed, { refetch }] = createResource(() =>
    http.get<InviteList>("/invites").catch((): InviteList => ({ invites: [] })),
  );
  const working = createMemo((): Invite[] =>
    (ready(listed)?.invites ?? []).filter(
      (invite) =>
        invite.revoked_at === null &&
        (invite.expires_at === null || invite.expires_at > app.now()) &&
        (invite.uses_max === null || invite.uses < invite.uses_max),
    ),
  );
  const create = async (): Promise<void> => {
    setBusy(true);
    setWrong(undefined);
    try {
      const created = await http.post<InviteCreated>("/invites", {
        uses_max: uses() === "" ? null : Number(uses()),
        expires_in_s: days() === "" ? null : Number(days()) * DAY_S,
      });
      setMade(created.url);
      void refetch();
    } catch (error) {
      setWrong(reasonOf(error));
    }
    setBusy(false);
  };
  const revoke = (invite: Invite): void => {
    http.delete(`/invites/${invite.id}`).then(
      () => {
        setMade(undefined);
        toast(t.invite.revoked);
        void refetch();
      },
      (error: unknown) => setWrong(reasonOf(error)),
    );
  };
  return (
    <Dialog title={t.invite.title} text={t.invite.text} open close={() => props.close()} wide>
      <Switch>
        <Match when={made()}>
          {(link) => (
            <div class="row invite-link">
              <div class="input grow">
                <Icon of={LinkIcon} />
                <input
                  readonly
                  aria-label={t.invite.link}
                  value={link()}
                  onFocus={(event) => event.currentTarget.select()}
                />
              </div>
              <Button kind="primary" icon={Copy} onClick={() => void copy(link(), t.invite.copied)}>
                {t.invite.copy}
              </Button>
            </div>
          )}
        </Match>
        <Match when={made() === undefined}>
          <div class="invite-options">
            <label class="field">
              <span class="label">{t.invite.uses}</span>
              <span class="input">
                <select value={uses()} onChange={(event) => setUses(event.currentTarget.value)}>
                  <option value="1">{t.invite.usesOne}</option>
                  <option value="10">{t.invite.usesMany(10)}</option>
                  <option value="25">{t.invite.usesMany(25)}</option>
                  <option value="">{t.invite.usesAny}</option>
                </select>
              </span>
            </label>
            <label class="field">
              <span class="label">{t.invite.expires}</span>
              <span class="input">
                <select value={days()} onChange={(event) => setDays(event.currentTarget.value)}>
                  <option value="1">{t.invite.inDays(1)}</option>
                  <option value="7">{t.invite.inDays(7)}</option>
                  <option value="30">{t.invite.inDays(30)}</option>
                  <option value="">{t.invite.never}</option>
                </select>
              </span>
            </label>
            <Button kind="primary" icon={LinkIcon} busy={busy()} onClick={() => void create()}>
              {t.invite.create}
            </Button>
          </div>
        </Match>
      </Switch>
      <Wrong text={wrong()} />
      <section>
        <h3 class="label">{t.invite.list}</h3>
        <ul class="people-list">
          <For each={working()} fallback={<li class="muted small">{t.invite.none}</li>}>
            {(invite) => (
              <li class="people-row">
                <span class="grow small">
                  {[
                    t.invite.used(invite.uses, invite.uses_max),
                    ...(invite.expires_at === null
                      ? []
                      : [t.invite.until(format.day(invite.expires_at, format.startOfDay(app.now())))]),
                    t.invite.madeBy(app.nameWithin(invite.created_by)),
                  ].join(", ")}
                </span>
                <Button size="compact" kind="danger-quiet" onClick={() => revoke(invite)}>
                  {t.invite.revoke}
                </Button>
              </li>
            )}
          </For>
        </ul>
      </section>
    </Dialog>
  );
}

