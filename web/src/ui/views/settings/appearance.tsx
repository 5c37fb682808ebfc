import type { JSX } from "solid-js";

import { t } from "../../../core/i18n";
import { appearance, setAppearance } from "../../appearance";
import { Segments } from "../../kit";

export function Appearance(): JSX.Element {
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
