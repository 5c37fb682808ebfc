import { Show, type JSX } from "solid-js";

import { reasonOf } from "../../../actions";
import { t } from "../../../core/i18n";
import type { UpdateMeRequest } from "../../../protocol/generated";
import { useApp } from "../../app";
import { Switch, toast } from "../../kit";

/** Whether the own devices connect to whoever calls before the answer. */
export function InstantAnswer(): JSX.Element {
  const app = useApp();
  const allowed = (): boolean => app.workspace().me?.workspace.instant_answer ?? false;
  const change = (on: boolean): void => {
    const request: UpdateMeRequest = { name: null, email: null, instant_answer: on };
    app.client.http.patch("/me", request).catch((error: unknown) => toast(reasonOf(error), "bad"));
  };
  return (
    <div class="form">
      <div class="field">
        <h3 class="title">{t.settings.instantAnswer}</h3>
        <p class="muted">{t.settings.instantAnswerText}</p>
      </div>
      <Switch
        label={t.settings.instantAnswer}
        on={allowed() && (app.workspace().me?.instant_answer ?? false)}
        disabled={!allowed()}
        change={change}
      />
      <Show when={!allowed()}>
        <p class="muted">{t.settings.instantAnswerOff}</p>
      </Show>
    </div>
  );
}
