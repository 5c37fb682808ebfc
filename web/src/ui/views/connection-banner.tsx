import { CloudOff, WifiOff } from "lucide";
import { createMemo, Match, Switch, type JSX } from "solid-js";

import { format, t } from "../../core/i18n";
import type { ConversationId } from "../../protocol/generated";
import { useApp } from "../app";
import { bind } from "../bind";
import { Button, Icon } from "../kit";

/** After this long without an answer it is said how long it has been. */
const LONG_MS = 30_000;

/** Says that the connection is lost, when the next try is, and what is safe. Nothing while all is well. */
export function ConnectionBanner(props: { conversationId?: ConversationId }): JSX.Element {
  const app = useApp();
  const timeline = createMemo(() =>
    props.conversationId === undefined ? undefined : bind(app.client.timeline(props.conversationId)),
  );
  const waiting = (): number => timeline()?.().outgoing.length ?? 0;
  const lost = createMemo(() => {
    const connection = app.connection();
    if (connection.kind === "waiting") return connection;
    return connection.kind === "connecting" && connection.lostAt !== null
      ? { ...connection, lostAt: connection.lostAt, nextAt: 0 }
      : undefined;
  });
  const seconds = (): number => Math.max(1, Math.ceil(((lost()?.nextAt ?? 0) - app.now()) / 1_000));
  return (
    <div class="connection" role="status">
      <Switch>
        <Match when={app.connection().kind === "offline"}>
          <div class="banner">
            <Icon of={WifiOff} />
            <span>
              <b>{t.connection.offline}</b> {t.connection.offlineText(waiting())}
            </span>
          </div>
        </Match>
        <Match when={lost()}>
          {(state) => (
            <Switch>
              <Match when={app.now() - state().lostAt > LONG_MS}>
                <div class="banner banner-bad">
                  <Icon of={CloudOff} />
                  <span class="grow">
                    <b>{t.connection.noAnswer}</b>
                    {t.connection.noAnswerText(format.time(state().lostAt))}
                  </span>
                  <Button size="compact" onClick={() => app.client.tryNow()}>
                    {t.connection.tryNow}
                  </Button>
                </div>
              </Match>
              <Match when={app.now() - state().lostAt <= LONG_MS}>
                <div class="banner">
                  <span class="spinner" />
                  <span class="grow">
                    <b>{t.connection.reconnecting}</b>
                    <span aria-hidden="true">
                      {state().nextAt === 0
                        ? t.connection.trying(state().attempt)
                        : t.connection.inSeconds(state().attempt, seconds())}
                    </span>
                  </span>
                  <Button size="compact" onClick={() => app.client.tryNow()}>
                    {t.connection.tryNow}
                  </Button>
                </div>
              </Match>
            </Switch>
          )}
        </Match>
      </Switch>
    </div>
  );
}
