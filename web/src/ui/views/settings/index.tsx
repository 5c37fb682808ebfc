import { ChevronLeft, X } from "lucide";
import { Match, Show, Suspense, Switch as Choose, type JSX } from "solid-js";

import { t } from "../../../core/i18n";
import type { SettingsPage } from "../../../core/route";
import { useApp } from "../../app";
import { IconButton, Skeleton } from "../../kit";
import type { Size } from "../../media";
import { SoundSettings } from "../call-slots";
import { Appearance } from "./appearance";
import { Devices } from "./devices";
import { InstantAnswer } from "./instant-answer";
import { Keys } from "./keys";
import { SettingsNav } from "./nav";
import { Notifications } from "./notifications";
import { Profile } from "./profile";
import { Status } from "./status";
import { WorkspaceSettings } from "./workspace";

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
