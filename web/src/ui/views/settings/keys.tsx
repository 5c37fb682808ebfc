import { For, type JSX } from "solid-js";

import { t } from "../../../core/i18n";

export function Keys(): JSX.Element {
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
