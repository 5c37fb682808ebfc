import { createSignal, Show, type JSX } from "solid-js";

import { fieldOf, reasonOf } from "../../../actions";
import { daysFrom, forgetsMore } from "../../../core/call-log";
import { t } from "../../../core/i18n";
import {
  CALL_LOG_DAYS_MAX,
  CONVERSATION_NAME_CHARS_MAX,
  type CallLogRetention,
  type UpdateWorkspaceRequest,
} from "../../../protocol/generated";
import { useApp } from "../../app";
import { Button, Confirm, Segments, Switch, TextField, toast, Wrong } from "../../kit";

/** Proposed to whoever no longer wants to keep everything. */
const DAYS_PROPOSED = 90;

/** What holds for everybody, changed by admins. */
export function WorkspaceSettings(): JSX.Element {
  const app = useApp();
  const isAdmin = (): boolean => app.workspace().me?.user.role === "admin";
  return (
    <Show when={isAdmin()} fallback={<p class="muted">{t.settings.workspace.notAdmin}</p>}>
      <p class="muted">{t.settings.workspace.text}</p>
      <Name />
      <Retention />
      <InstantAnswer />
    </Show>
  );
}

function Name(): JSX.Element {
  const app = useApp();
  const [name, setName] = createSignal(app.workspace().me?.workspace.name ?? "");
  const { busy, wrong, save } = useChange();
  return (
    <form
      class="form"
      onSubmit={(event) => {
        event.preventDefault();
        void save({ name: name().trim(), call_log: null, instant_answer: null });
      }}
    >
      <TextField
        label={t.workspace.renameField}
        value={name()}
        onValue={setName}
        maxlength={CONVERSATION_NAME_CHARS_MAX}
        autocomplete="off"
        required
        wrong={wrong()?.text}
      />
      <div>
        <Button type="submit" busy={busy()}>
          {t.save}
        </Button>
      </div>
    </form>
  );
}

/** How long calls stay in everybody's log. */
function Retention(): JSX.Element {
  const app = useApp();
  const text = t.settings.workspace;
  const now = (): CallLogRetention => app.workspace().me?.workspace.call_log ?? { kind: "forever" };
  const held = now();
  const [kind, setKind] = createSignal<CallLogRetention["kind"]>(held.kind);
  const [days, setDays] = createSignal(String(held.kind === "days" ? held.days : DAYS_PROPOSED));
  const [asking, setAsking] = createSignal<CallLogRetention>();
  const [tooMany, setTooMany] = createSignal<string>();
  const { busy, wrong, save } = useChange();

  const submit = (event: Event): void => {
    event.preventDefault();
    const count = daysFrom(days());
    setTooMany(kind() === "days" && count === null ? text.daysWrong(CALL_LOG_DAYS_MAX) : undefined);
    if (kind() === "days" && count === null) return;
    const wanted: CallLogRetention = kind() === "days" && count !== null ? { kind: "days", days: count } : { kind: "forever" };
    if (forgetsMore(now(), wanted)) setAsking(wanted);
    else void save({ name: null, call_log: wanted, instant_answer: null });
  };
  const askedDays = (): number => {
    const wanted = asking();
    return wanted?.kind === "days" ? wanted.days : 0;
  };
  return (
    <form class="form" onSubmit={submit}>
      <div class="field">
        <h3 class="title">{text.callLog}</h3>
        <p class="muted">{text.callLogText}</p>
      </div>
      <div>
        <Segments
          label={text.callLog}
          value={kind()}
          options={[
            { value: "forever", label: text.forever },
            { value: "days", label: text.forDays },
          ]}
          change={setKind}
        />
      </div>
      <Show when={kind() === "days"}>
        <div class="days-field">
          <TextField
            label={text.days}
            hint={text.daysHint}
            type="number"
            inputmode="numeric"
            min={1}
            max={CALL_LOG_DAYS_MAX}
            value={days()}
            onValue={setDays}
            autocomplete="off"
            required
            wrong={tooMany()}
          />
        </div>
      </Show>
      <Wrong text={wrong()?.text} />
      <div>
        <Button type="submit" busy={busy()}>
          {t.save}
        </Button>
      </div>
      <Confirm
        title={text.forgetTitle}
        text={text.forgetText(askedDays())}
        keep={text.keep}
        act={text.forget}
        open={asking() !== undefined}
        close={() => setAsking(undefined)}
        confirm={() => {
          const wanted = asking();
          if (wanted !== undefined) void save({ name: null, call_log: wanted, instant_answer: null });
        }}
      />
    </form>
  );
}

/** Whether people may let their devices connect before they answer. */
function InstantAnswer(): JSX.Element {
  const app = useApp();
  const text = t.settings.workspace;
  const { wrong, save } = useChange();
  return (
    <div class="form">
      <div class="field">
        <h3 class="title">{text.instantAnswer}</h3>
        <p class="muted">{t.settings.instantAnswerText}</p>
      </div>
      <Switch
        label={text.instantAnswerSwitch}
        on={app.workspace().me?.workspace.instant_answer ?? false}
        change={(on) => void save({ name: null, call_log: null, instant_answer: on })}
      />
      <Wrong text={wrong()?.text} />
    </div>
  );
}

function useChange(): {
  busy: () => boolean;
  wrong: () => { field: string | null; text: string } | undefined;
  save: (change: UpdateWorkspaceRequest) => Promise<void>;
} {
  const { http } = useApp().client;
  const [busy, setBusy] = createSignal(false);
  const [wrong, setWrong] = createSignal<{ field: string | null; text: string }>();
  const save = async (change: UpdateWorkspaceRequest): Promise<void> => {
    setBusy(true);
    setWrong(undefined);
    try {
      await http.patch("/workspace", change);
      toast(t.saved);
    } catch (error) {
      setWrong({ field: fieldOf(error), text: reasonOf(error) });
    }
    setBusy(false);
  };
  return { busy, wrong, save };
}
