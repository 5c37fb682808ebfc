import { BellOff, BellRing } from "lucide";
import { createResource, createSignal, Match, onCleanup, Show, Switch as Choose, type JSX } from "solid-js";

import { reasonOf } from "../../../actions";
import { t } from "../../../core/i18n";
import { notifications as text } from "../../../core/i18n/push.en";
import { NotAllowed, PushServiceAway, standing, switchOff, switchOn, tryPush } from "../../../platform/push";
import { useApp } from "../../app";
import { ready } from "../../bind";
import { Button, Icon, Skeleton, Switch, toast, Wrong } from "../../kit";

/** Whether this device rings while no page is open. */
export function Notifications(): JSX.Element {
  const app = useApp();
  const { http } = app.client;
  const [found, { refetch }] = createResource(() => standing(http));
  const [busy, setBusy] = createSignal(false);
  const [wrong, setWrong] = createSignal<string>();
  // The browser's own settings are changed in another window.
  const look = (): void => void refetch();
  window.addEventListener("focus", look);
  onCleanup(() => window.removeEventListener("focus", look));

  const change = async (on: boolean): Promise<void> => {
    setBusy(true);
    setWrong(undefined);
    try {
      await (on ? switchOn(http) : switchOff(http));
    } catch (error) {
      setWrong(wordsFor(error));
    }
    await refetch();
    setBusy(false);
  };
  const tryOut = (): void => {
    tryPush(http).then(
      () => toast(text.tested),
      (error: unknown) => toast(reasonOf(error), "bad"),
    );
  };
  return (
    <>
      <p class="muted">{text.text}</p>
      <Show
        when={found.state !== "errored"}
        fallback={
          <>
            <Wrong text={t.unreachable} />
            <Button onClick={() => void refetch()}>{t.retry}</Button>
          </>
        }
      >
        <Show when={ready(found)} fallback={<Skeleton rows={1} />}>
          {(stands) => (
            <Choose>
              <Match when={stands().kind === "insecure"}>
                <InTheWay title={text.insecure} text={text.insecureText} />
              </Match>
              <Match when={stands().kind === "unsupported"}>
                <InTheWay title={text.unsupported} text={text.unsupportedText} />
              </Match>
              <Match when={stands().kind === "denied"}>
                <InTheWay title={text.denied} text={text.deniedText} />
              </Match>
              <Match when={stands().kind === "off" || stands().kind === "on"}>
                <Switch
                  label={text.on}
                  on={stands().kind === "on"}
                  disabled={busy()}
                  change={(on) => void change(on)}
                />
                <Wrong text={wrong()} />
                <Show when={stands().kind === "on"}>
                  <div>
                    <Button icon={BellRing} onClick={tryOut}>
                      {text.test}
                    </Button>
                  </div>
                </Show>
              </Match>
            </Choose>
          )}
        </Show>
      </Show>
    </>
  );
}

function InTheWay(props: { title: string; text: string }): JSX.Element {
  return (
    <div class="card in-the-way" role="status">
      <Icon of={BellOff} size="medium" />
      <div class="column">
        <b>{props.title}</b>
        <span class="small muted">{props.text}</span>
      </div>
    </div>
  );
}

function wordsFor(error: unknown): string {
  if (error instanceof NotAllowed) return text.refused;
  if (error instanceof PushServiceAway) return text.failed;
  return reasonOf(error);
}
