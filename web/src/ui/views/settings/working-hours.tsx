import { createEffect, createMemo, createSignal, For, Show, type JSX } from "solid-js";

import { clearWorkingHours, fieldOf, reasonOf, setWorkingHours } from "../../../actions";
import { t } from "../../../core/i18n";
import { clockOf, isSameHours, minuteOf, usualHours } from "../../../core/working-hours";
import type { WorkingHours } from "../../../protocol/generated";
import { useApp } from "../../app";
import { Button, Switch, TextField, toast, Wrong } from "../../kit";

const text = t.settings.hours;

/** When the person works, by the clock on their wall. At other times calls make no sound. */
export function WorkingHoursSettings(): JSX.Element {
  const app = useApp();
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const hours = createMemo((): WorkingHours | null => app.workspace().me?.working_hours ?? null, null, {
    equals: isSameHours,
  });
  const change = (on: boolean): void => {
    const changed = on ? setWorkingHours(app.client, usualHours(here)) : clearWorkingHours(app.client);
    changed.catch((error: unknown) => toast(reasonOf(error), "bad"));
  };
  return (
    <section class="form" aria-label={text.title}>
      <h3 class="title">{text.title}</h3>
      <p class="muted">{text.text}</p>
      <Switch label={text.on} on={hours() !== null} change={change} />
      <Show when={hours()}>{(held) => <Hours of={held()} here={here} />}</Show>
    </section>
  );
}

function Hours(props: { of: WorkingHours; here: string }): JSX.Element {
  const app = useApp();
  const [days, setDays] = createSignal<readonly boolean[]>([]);
  const [from, setFrom] = createSignal("");
  const [to, setTo] = createSignal("");
  const [zone, setZone] = createSignal("");
  const [wrong, setWrong] = createSignal<{ field: string | null; text: string }>();
  const [busy, setBusy] = createSignal(false);
  // They may be changed on another device meanwhile.
  createEffect(() => {
    setDays(props.of.days);
    setFrom(clockOf(props.of.from));
    setTo(clockOf(props.of.to));
    setZone(props.of.time_zone);
  });
  const wrongAt = (field: string): string | undefined => (wrong()?.field === field ? wrong()?.text : undefined);
  const isOvernight = (): boolean => (minuteOf(to()) ?? 0) <= (minuteOf(from()) ?? 0);

  const save = async (event: Event): Promise<void> => {
    event.preventDefault();
    const [begins, ends] = [minuteOf(from()), minuteOf(to())];
    if (begins === null || ends === null) return;
    setBusy(true);
    setWrong(undefined);
    try {
      await setWorkingHours(app.client, {
        days: days() as WorkingHours["days"],
        from: begins,
        to: ends,
        time_zone: zone(),
      });
      toast(t.saved);
    } catch (error) {
      setWrong({ field: fieldOf(error), text: reasonOf(error) });
    }
    setBusy(false);
  };
  return (
    <form class="form" onSubmit={(event) => void save(event)}>
      <div class="field">
        <fieldset class="segments hours-days">
          <legend class="spoken">{text.days}</legend>
          <For each={text.weekdays}>
            {(name, day) => (
              <label>
                <input
                  type="checkbox"
                  aria-label={name}
                  checked={days()[day()] === true}
                  onChange={(event) => setDays(days().with(day(), event.currentTarget.checked))}
                />
                {name.slice(0, 3)}
              </label>
            )}
          </For>
        </fieldset>
        <Wrong text={wrongAt("days")} />
      </div>
      <div class="hours-times">
        <TextField label={text.from} type="time" value={from()} onValue={setFrom} required wrong={wrongAt("from")} />
        <TextField
          label={text.to}
          type="time"
          value={to()}
          onValue={setTo}
          required
          hint={isOvernight() ? text.nextDay : undefined}
          wrong={wrongAt("to")}
        />
      </div>
      <p class="small muted">{text.zone(zone())}</p>
      <Show when={zone() !== props.here}>
        <div>
          <Button size="compact" onClick={() => setZone(props.here)}>
            {text.zoneHere(props.here)}
          </Button>
        </div>
      </Show>
      <Wrong text={wrongAt("time_zone") ?? (wrong()?.field === null ? wrong()?.text : undefined)} />
      <div>
        <Button kind="primary" type="submit" busy={busy()}>
          {t.save}
        </Button>
      </div>
    </form>
  );
}
