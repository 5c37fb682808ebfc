import { CloudOff } from "lucide";
import { createEffect, createMemo, lazy, Match, Suspense, Switch, type JSX } from "solid-js";

import { t } from "../../core/i18n";
import { useApp } from "../app";
import { Button, Empty } from "../kit";
import { AcceptInvite, Setup, SignIn } from "./auth";

const Shell = lazy(async () => ({ default: (await import("./shell")).Shell }));

/** What is shown depends on whether this browser is signed in, and on the link that was opened. */
export function Root(): JSX.Element {
  const app = useApp();
  const setup = createMemo(() => {
    const route = app.route();
    return route.kind === "setup" ? route : undefined;
  });
  const invite = createMemo(() => {
    const route = app.route();
    return route.kind === "invite" ? route : undefined;
  });
  const session = (): string => app.session().kind;
  // What the page shows by itself, until it is known what else to show.
  createEffect(() => {
    if (session() !== "unknown") document.getElementById("splash")?.remove();
  });
  return (
    <Suspense>
      <Switch>
        <Match when={session() === "signed_in"}>
          <Shell />
        </Match>
        <Match when={setup()}>{(route) => <Setup token={route().token} />}</Match>
        <Match when={invite()}>{(route) => <AcceptInvite token={route().token} />}</Match>
        <Match when={session() === "signed_out"}>
          <SignIn />
        </Match>
        <Match when={session() === "unreachable"}>
          <main class="whole">
            <Empty icon={CloudOff} title={t.connection.noAnswer} text={t.unreachable}>
              <Button kind="primary" onClick={() => void app.client.begin()}>
                {t.connection.tryNow}
              </Button>
            </Empty>
          </main>
        </Match>
      </Switch>
    </Suspense>
  );
}
