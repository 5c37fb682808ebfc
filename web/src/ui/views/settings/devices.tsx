import { Laptop } from "lucide";
import { createResource, For, Show, type JSX } from "solid-js";

import { reasonOf } from "../../../actions";
import { format, t } from "../../../core/i18n";
import type { Device, DeviceList } from "../../../protocol/generated";
import { useApp } from "../../app";
import { ready } from "../../bind";
import { Button, Icon, Skeleton, toast, Wrong } from "../../kit";

export function Devices(): JSX.Element {
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
