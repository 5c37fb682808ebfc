import { ChevronLeft, Laptop, X } from "lucide";
import { createResource, createSignal, For, Match, Show, Suspense, Switch as Choose, type JSX } from "solid-js";

import { fieldOf, reasonOf } from "../../actions";
import { format, t } from "../../core/i18n";
import type { SettingsPage } from "../../core/route";
import { PASSWORD_CHARS_MIN, PICTURE_BYTES_MAX, USER_NAME_CHARS_MAX, type Device, type DeviceList } from "../../protocol/generated";
import { appearance, setAppearance } from "../appearance";
import { useApp } from "../app";
import { ready } from "../bind";
import { Avatar, Button, Icon, IconButton, PasswordField, Segments, Skeleton, Switch, TextField, toast, Wrong } from "../kit";
import type { Size } from "../media";
import { SoundSettings } from "./call-slots";
import { InstantAnswer } from "./instant-answer";
import { Notifications } from "./notifications";
import { SettingsNav } from "./settings-nav";
import { WorkingHoursSettings } from "./working-hours";
import { WorkspaceSettings } from "./workspace-settings";

export function SettingsView(props: { page: SettingsPage; size: Size }): JSX.Element {
  const app = useApp();
  const close = (): void => app.go({ kind: props.size === "phone" ? "you" : "home" });
  return (
    <div
      class="page"
      onKeyDown={(event) => {
        if (event.key === "Escape" && !event.defaultPrevented) close();
      }}
    >
      <header class="head">
        <Show when={props.size === "phone"}>
          <IconButton icon={ChevronLeft} label={t.back} onClick={close} />
        </Show>
        <h1 class="grow">{props.size === "phone" ? t.settings.pages[props.page] : t.settings.title}</h1>
        <Show when={props.size !== "phone"}>
          <kbd aria-hidden="true">Esc</kbd>
          <IconButton icon={X} label={t.close} onClick={close} />
        </Show>
      </header>
      <div class="settings">
        <Show when={props.size !== "phone"}>
          <SettingsNav />
        </Show>
        <div class="settings-body">
          <div class="settings-column" classList={{ "settings-column-wide": props.page === "sound" }}>
            <Show when={props.size !== "phone"}>
              <h2 class="heading">{t.settings.pages[props.page]}</h2>
            </Show>
            <Choose>
              <Match when={props.page === "profile"}>
                <Profile />
              </Match>
              <Match when={props.page === "notifications"}>
                <Notifications />
              </Match>
              <Match when={props.page === "status"}>
                <Status />
                <InstantAnswer />
              </Match>
              <Match when={props.page === "sound"}>
                <Suspense fallback={<Skeleton rows={2} />}>
                  <SoundSettings />
                </Suspense>
              </Match>
              <Match when={props.page === "devices"}>
                <Devices />
              </Match>
              <Match when={props.page === "appearance"}>
                <Appearance />
              </Match>
              <Match when={props.page === "keyboard"}>
                <Keys />
              </Match>
              <Match when={props.page === "workspace"}>
                <WorkspaceSettings />
              </Match>
            </Choose>
          </div>
        </div>
      </div>
    </div>
  );
}

function Profile(): JSX.Element {
  const app = useApp();
  const { http } = app.client;
  const me = app.workspace().me;
  const [name, setName] = createSignal(me?.user.name ?? "");
  const [email, setEmail] = createSignal(me?.email ?? "");
  const [wrong, setWrong] = createSignal<{ field: string | null; text: string }>();
  const [busy, setBusy] = createSignal(false);
  const [current, setCurrent] = createSignal("");
  const [next, setNext] = createSignal("");
  const [wrongPassword, setWrongPassword] = createSignal<{ field: string | null; text: string }>();
  let file!: HTMLInputElement;
  const mib = PICTURE_BYTES_MAX / 1024 / 1024;

  const save = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setWrong(undefined);
    try {
      await http.patch("/me", { name: name().trim(), email: email().trim() });
      toast(t.saved);
    } catch (error) {
      setWrong({ field: fieldOf(error), text: reasonOf(error) });
    }
    setBusy(false);
  };
  const changePassword = async (event: Event): Promise<void> => {
    event.preventDefault();
    setWrongPassword(undefined);
    try {
      await http.post("/me/password", { current: current(), new: next() });
      setCurrent("");
      setNext("");
      toast(t.settings.passwordChanged);
    } catch (error) {
      setWrongPassword({ field: fieldOf(error), text: reasonOf(error) });
    }
  };
  const choose = (): void => {
    const [picture] = file.files ?? [];
    file.value = "";
    if (picture === undefined) return;
    if (picture.size > PICTURE_BYTES_MAX) {
      toast(t.settings.pictureTooLarge(mib), "bad");
      return;
    }
    http.put("/me/picture", picture).then(
      () => toast(t.saved),
      (error: unknown) => toast(reasonOf(error), "bad"),
    );
  };
  const wrongAt = (field: string): string | undefined => {
    const found = wrong();
    return found?.field === field ? found.text : undefined;
  };
  return (
    <>
      <p class="muted">{t.settings.profileText}</p>
      <div class="settings-picture">
        <Avatar of={app.workspace().me?.user} size={72} />
        <div class="column">
          <div class="row">
            <Button onClick={() => file.click()}>{t.settings.choosePicture}</Button>
            <Show when={app.workspace().me?.user.picture}>
              <Button
                kind="quiet"
                onClick={() => {
                  http.delete("/me/picture").catch((error: unknown) => toast(reasonOf(error), "bad"));
                }}
              >
                {t.settings.removePicture}
              </Button>
            </Show>
          </div>
          <p class="hint">{t.settings.pictureHint(mib)}</p>
          <input
            ref={file}
            type="file"
            accept="image/png,image/jpeg,image/webp"
            hidden
            aria-label={t.settings.picture}
            onChange={choose}
          />
        </div>
      </div>
      <form class="form" onSubmit={(event) => void save(event)}>
        <TextField
          label={t.settings.name}
          value={name()}
          onValue={setName}
          maxlength={USER_NAME_CHARS_MAX}
          autocomplete="name"
          required
          wrong={wrongAt("name")}
        />
        <TextField
          label={t.settings.email}
          type="email"
          value={email()}
          onValue={setEmail}
          autocomplete="email"
          required
          wrong={wrongAt("email")}
        />
        <Wrong text={wrong()?.field === null ? wrong()?.text : undefined} />
        <div>
          <Button kind="primary" type="submit" busy={busy()}>
            {t.save}
          </Button>
        </div>
      </form>
      <form class="form" onSubmit={(event) => void changePassword(event)}>
        <h3 class="title">{t.settings.password}</h3>
        <PasswordField
          label={t.settings.currentPassword}
          value={current()}
          onValue={setCurrent}
          autocomplete="current-password"
          required
          wrong={wrongPassword()?.field === "new" ? undefined : wrongPassword()?.text}
        />
        <PasswordField
          label={t.settings.newPassword}
          value={next()}
          onValue={setNext}
          autocomplete="new-password"
          minlength={PASSWORD_CHARS_MIN}
          hint={t.setup.passwordHint(PASSWORD_CHARS_MIN)}
          required
          wrong={wrongPassword()?.field === "new" ? wrongPassword()?.text : undefined}
        />
        <div>
          <Button type="submit">{t.settings.changePassword}</Button>
        </div>
      </form>
    </>
  );
}

function Status(): JSX.Element {
  const app = useApp();
  const isOn = (): boolean => app.workspace().me?.availability === "do_not_disturb";
  return (
    <>
      <p class="muted">{t.settings.statusText}</p>
      <Switch
        label={t.settings.dnd}
        on={isOn()}
        change={(on) => {
          app.client
            .request({ kind: "set_availability", availability: on ? "do_not_disturb" : "available" })
            .catch((error: unknown) => toast(reasonOf(error), "bad"));
        }}
      />
      <WorkingHoursSettings />
    </>
  );
}

function Devices(): JSX.Element {
  const app = useApp();
  const [listed, { refetch }] = createResource(() => app.client.http.get<DeviceList>("/sessions"));
  const today = (): number => format.startOfDay(app.now());
  const signOut = (device: Device): void => {
    if (device.current) {
      app.client.signOut().catch((error: unknown) => toast(reasonOf(error), "bad"));
      return;
    }
    app.client.http.delete(`/sessions/${device.id}`).then(
      () => void refetch(),
      (error: unknown) => toast(reasonOf(error), "bad"),
    );
  };
  return (
    <>
      <p class="muted">{t.settings.devicesText}</p>
      <Show
        when={listed.state !== "errored"}
        fallback={
          <>
            <Wrong text={t.unreachable} />
            <Button onClick={() => void refetch()}>{t.retry}</Button>
          </>
        }
      >
        <Show when={ready(listed)} fallback={<Skeleton rows={2} />}>
          {(list) => (
            <ul class="card device-list">
              <For each={list().devices}>
                {(device) => (
                  <li class="list-row">
                    <span class="place">
                      <Icon of={Laptop} />
                    </span>
                    <span class="grow column">
                      <b>
                        {device.name}
                        <Show when={device.current}>
                          <span class="pill pill-good">{t.settings.thisDevice}</span>
                        </Show>
                      </b>
                      <span class="small muted">
                        {t.settings.signedIn(format.day(device.signed_in_at, today()))},{" "}
                        {t.settings.lastSeen(
                          format.day(device.last_seen_at, today()),
                          format.time(device.last_seen_at),
                        )}
                      </span>
                    </span>
                    <Button
                      size="compact"
                      aria-label={t.settings.signOutDevice(device.name)}
                      onClick={() => signOut(device)}
                    >
                      {t.settings.signOutShort}
                    </Button>
                  </li>
                )}
              </For>
            </ul>
          )}
        </Show>
      </Show>
    </>
  );
}

function Appearance(): JSX.Element {
  return (
    <>
      <p class="muted">{t.settings.appearanceText}</p>
      <div class="field">
        <span class="label" aria-hidden="true">
          {t.settings.theme}
        </span>
        <div>
          <Segments
            label={t.settings.theme}
            value={appearance()}
            options={[
              { value: "light", label: t.settings.light },
              { value: "dark", label: t.settings.dark },
              { value: "system", label: t.settings.system },
            ]}
            change={setAppearance}
          />
        </div>
      </div>
    </>
  );
}

function Keys(): JSX.Element {
  return (
    <>
      <p class="muted">{t.settings.keyboardText}</p>
      <dl class="card keys">
        <For each={t.settings.keys}>
          {(key) => (
            <div class="keys-row">
              <dt>
                <For each={key.keys}>{(one) => <kbd>{one}</kbd>}</For>
              </dt>
              <dd>{key.does}</dd>
            </div>
          )}
        </For>
      </dl>
    </>
  );
}
