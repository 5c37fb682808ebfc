import type { JSX } from "solid-js";

import { reasonOf } from "../../../actions";
import { t } from "../../../core/i18n";
import { useApp } from "../../app";
import { Switch, toast } from "../../kit";
import { WorkingHoursSettings } from "./working-hours";

export function Status(): JSX.Element {
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
