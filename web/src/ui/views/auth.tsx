import { Building2, Video } from "lucide";
import { createResource, createSignal, For, Show, type JSX } from "solid-js";

import { fieldOf, reasonOf } from "../../actions";
import { Refused } from "../../core/refusal";
import { t } from "../../core/i18n";
import {
  PASSWORD_CHARS_MIN,
  USER_NAME_CHARS_MAX,
  type InvitePreview,
  type SetupStatus,
} from "../../protocol/generated";
import { useApp } from "../app";
import { ready } from "../bind";
import { Avatar, Bars, Button, Icon, Mark, PasswordField, TextField, Wrong } from "../kit";

type Problem = { field: string | null; text: string };

/** Sends a form and keeps what was wrong with it. */
function useForm(): {
  busy: () => boolean;
  wrongAt: (field: string) => string | undefined;
  wrongElsewhere: (...shown: string[]) => string | undefined;
  submit: (act: () => Promise<void>) => (event: Event) => void;
} {
  const [busy, setBusy] = createSignal(false);
  const [problem, setProblem] = createSignal<Problem>();
  return {
    busy,
    wrongAt: (field) => (problem()?.field === field ? problem()?.text : undefined),
    wrongElsewhere: (...shown) => {
      const found = problem();
      return found === undefined || shown.includes(found.field ?? "") ? undefined : found.text;
    },
    submit: (act) => (event) => {
      event.preventDefault();
      if (busy()) return;
      setBusy(true);
      setProblem(undefined);
      act().then(
        () => setBusy(false),
        (error: unknown) => {
          setBusy(false);
          setProblem({ field: fieldOf(error), text: reasonOf(error) });
        },
      );
    },
  };
}

export function SignIn(): JSX.Element {
  const app = useApp();
  const form = useForm();
  const [email, setEmail] = createSignal("");
  const [password, setPassword] = createSignal("");
  const submit = form.submit(async () => {
    await app.client.http.post("/auth/login", { email: email().trim(), password: password() });
    const route = app.route();
    if (route.kind === "sign_in" || route.kind === "setup" || route.kind === "invite") app.go({ kind: "home" }, { replace: true });
    app.client.signedIn();
  });
  return (
    <main class="auth">
      <div class="auth-left">
        <Brand />
        <div class="auth-form">
          <h1 class="display">{t.signIn.title(t.product)}</h1>
          <p class="muted auth-lead">{t.signIn.to(location.host)}</p>
          <Show when={app.client.needsSetup}>
            <p class="banner">{t.signIn.setupNeeded}</p>
          </Show>
          <form class="form" onSubmit={submit}>
            <TextField
              label={t.signIn.email}
              type="email"
              value={email()}
              onValue={setEmail}
              autocomplete="username"
              large
              required
              autofocus
              wrong={form.wrongAt("email")}
            />
            <PasswordField
              label={t.signIn.password}
              value={password()}
              onValue={setPassword}
              autocomplete="current-password"
              large
              required
              wrong={form.wrongAt("password")}
            />
            <Wrong text={form.wrongElsewhere("email", "password")} />
            <Button kind="primary" size="large" type="submit" class="button-wide" busy={form.busy()}>
              {t.signIn.submit}
            </Button>
          </form>
          <p class="hint">{t.signIn.help}</p>
        </div>
        <footer class="meta muted">{t.signIn.ownServer}</footer>
      </div>
      <Example />
    </main>
  );
}

function Brand(): JSX.Element {
  return (
    <div class="row brand">
      <Mark size={28} />
      <b>{t.product}</b>
    </div>
  );
}

/** A picture of what the product is: a call in its conversation. */
function Example(): JSX.Element {
  return (
    <div class="auth-right" aria-hidden="true">
      <svg class="auth-rings" viewBox="0 0 720 900" preserveAspectRatio="xMidYMid slice">
        {[150, 235, 330, 430, 540].map((radius) => (
          <circle cx="360" cy="430" r={radius} />
        ))}
      </svg>
      <div class="auth-example">
        <div class="call call-live">
          <div class="call-card">
            <span class="call-glyph">
              <Icon of={Video} />
            </span>
            <div class="grow">
              <p class="call-title">
                {t.call.call} <span class="pill pill-good">{t.call.live("3:12")}</span>
              </p>
              <p class="call-text">
                <Bars />
                {t.signIn.exampleTalking}
              </p>
            </div>
            <span class="button button-primary">
              <Icon of={Video} />
              {t.call.join}
            </span>
          </div>
        </div>
        <div class="spine">
          <p class="spine-head">{t.signIn.exampleMessages}</p>
        </div>
        <For each={t.signIn.exampleLines}>
          {(line) => (
            <div class="spine">
              <div class="message">
                <Avatar of={{ id: "" as never, name: line.name, hue: line.hue, picture: null }} size={30} />
                <div class="message-main">
                  <p class="message-who">
                    <b>{line.name}</b>
                    <time>{line.at}</time>
                  </p>
                  <p class="body">{line.text}</p>
                </div>
              </div>
            </div>
          )}
        </For>
        <p class="small muted auth-note">{t.signIn.exampleNote}</p>
      </div>
    </div>
  );
}

export function Setup(props: { token: string }): JSX.Element {
  const app = useApp();
  const form = useForm();
  const [workspace, setWorkspace] = createSignal("");
  const [name, setName] = createSignal("");
  const [email, setEmail] = createSignal("");
  const [password, setPassword] = createSignal("");
  const [status] = createResource(() =>
    app.client.http.get<SetupStatus>("/setup").catch((): SetupStatus => ({ needed: true, signed_in: false })),
  );
  const submit = form.submit(async () => {
    await app.client.http.post("/setup", {
      token: props.token,
      workspace_name: workspace().trim(),
      name: name().trim(),
      email: email().trim(),
      password: password(),
    });
    app.go({ kind: "home" }, { replace: true });
    app.client.signedIn();
  });
  return (
    <Stepped step={0}>
      <Show
        when={ready(status)?.needed !== false}
        fallback={
          <div class="steps-form">
            <h1 class="display">{t.setup.title}</h1>
            <p class="muted">{t.setup.done}</p>
            <div>
              <Button kind="primary" onClick={() => app.go({ kind: "sign_in" })}>
                {t.setup.toSignIn}
              </Button>
            </div>
          </div>
        }
      >
        <form class="steps-form" onSubmit={submit}>
          <div>
            <h1 class="display">{t.setup.title}</h1>
            <p class="muted auth-lead">{t.setup.text}</p>
          </div>
          <Show when={props.token === ""}>
            <p class="banner banner-bad" role="alert">
              {t.setup.noToken}
            </p>
          </Show>
          <div class="steps-workspace">
            <span class="steps-logo" aria-hidden="true">
              {[...workspace().trim()][0]?.toUpperCase() ?? <Icon of={Building2} size="large" />}
            </span>
            <div class="grow">
              <TextField
                label={t.setup.workspace}
                hint={t.setup.workspaceHint}
                value={workspace()}
                onValue={setWorkspace}
                large
                required
                autofocus
                autocomplete="organization"
                maxlength={60}
                wrong={form.wrongAt("workspace_name")}
              />
            </div>
          </div>
          <Account name={name()} setName={setName} email={email()} setEmail={setEmail} password={password()} setPassword={setPassword} wrongAt={form.wrongAt} />
          <Wrong text={form.wrongElsewhere("workspace_name", "name", "email", "password")} />
          <div class="row steps-actions">
            <span class="meta muted grow">{t.setup.later}</span>
            <Button kind="primary" size="large" type="submit" busy={form.busy()}>
              {t.setup.submit}
            </Button>
          </div>
        </form>
      </Show>
    </Stepped>
  );
}

function Stepped(props: { step: number; children: JSX.Element }): JSX.Element {
  return (
    <div class="steps">
      <header class="steps-side">
        <Brand />
        <ol>
          <For each={t.setup.steps}>
            {(step, index) => (
              <li class="row" aria-current={index() === props.step ? "step" : undefined}>
                <span class="steps-number">{index() + 1}</span>
                {step}
              </li>
            )}
          </For>
        </ol>
      </header>
      <main class="sheet steps-sheet">{props.children}</main>
    </div>
  );
}

/** Name, e-mail and password of a new account. */
function Account(props: {
  name: string;
  setName: (value: string) => void;
  email: string;
  setEmail: (value: string) => void;
  password: string;
  setPassword: (value: string) => void;
  wrongAt: (field: string) => string | undefined;
  autofocus?: boolean;
}): JSX.Element {
  return (
    <>
      <TextField
        label={t.setup.name}
        value={props.name}
        onValue={(value) => props.setName(value)}
        autocomplete="name"
        maxlength={USER_NAME_CHARS_MAX}
        large
        required
        autofocus={props.autofocus === true}
        wrong={props.wrongAt("name")}
      />
      <TextField
        label={t.signIn.email}
        type="email"
        value={props.email}
        onValue={(value) => props.setEmail(value)}
        autocomplete="username"
        large
        required
        wrong={props.wrongAt("email")}
      />
      <PasswordField
        label={t.signIn.password}
        hint={t.setup.passwordHint(PASSWORD_CHARS_MIN)}
        value={props.password}
        onValue={(value) => props.setPassword(value)}
        autocomplete="new-password"
        minlength={PASSWORD_CHARS_MIN}
        large
        required
        wrong={props.wrongAt("password")}
      />
    </>
  );
}

export function AcceptInvite(props: { token: string }): JSX.Element {
  const app = useApp();
  const form = useForm();
  const [name, setName] = createSignal("");
  const [email, setEmail] = createSignal("");
  const [password, setPassword] = createSignal("");
  const [preview, { refetch }] = createResource(
    () => props.token,
    async (token): Promise<InvitePreview | "invalid" | "unreachable"> => {
      try {
        return await app.client.http.get<InvitePreview>(`/invites/${encodeURIComponent(token)}`);
      } catch (error) {
        return error instanceof Refused ? "invalid" : "unreachable";
      }
    },
  );
  const found = (): InvitePreview | undefined => {
    const known = ready(preview);
    return typeof known === "object" ? known : undefined;
  };
  const submit = form.submit(async () => {
    await app.client.http.post(`/invites/${encodeURIComponent(props.token)}/accept`, {
      name: name().trim(),
      email: email().trim(),
      password: password(),
    });
    app.go({ kind: "home" }, { replace: true });
    app.client.signedIn();
  });
  return (
    <main class="auth">
      <div class="auth-left">
        <Brand />
        <div class="auth-form">
          <Show when={ready(preview) === "invalid"}>
            <h1 class="display">{t.invite.invalid}</h1>
            <p class="muted auth-lead">{t.invite.invalidText}</p>
            <div>
              <Button onClick={() => app.go({ kind: "sign_in" })}>{t.setup.toSignIn}</Button>
            </div>
          </Show>
          <Show when={ready(preview) === "unreachable"}>
            <p class="muted">{t.unreachable}</p>
            <div>
              <Button onClick={() => void refetch()}>{t.retry}</Button>
            </div>
          </Show>
          <Show when={found()}>
            {(invite) => (
              <>
                <h1 class="display">{invite().workspace_name}</h1>
                <p class="muted auth-lead">{t.invite.by(invite().invited_by)}</p>
                <form class="form" onSubmit={submit}>
                  <Account
                    name={name()}
                    setName={setName}
                    email={email()}
                    setEmail={setEmail}
                    password={password()}
                    setPassword={setPassword}
                    wrongAt={form.wrongAt}
                    autofocus
                  />
                  <Wrong text={form.wrongElsewhere("name", "email", "password")} />
                  <Button kind="primary" size="large" type="submit" class="button-wide" busy={form.busy()}>
                    {t.invite.join(invite().workspace_name)}
                  </Button>
                </form>
              </>
            )}
          </Show>
        </div>
        <footer class="meta muted">{t.signIn.ownServer}</footer>
      </div>
      <Example />
    </main>
  );
}
