import { CalendarDays, X } from "lucide";
import { createSignal, createUniqueId, Show, type JSX } from "solid-js";

import type { LogSearch } from "../../core/call-log";
import { t } from "../../core/i18n";
import { useApp } from "../app";
import { Framed, IconButton, SearchField } from "../kit";

/** What narrows the list of calls: a name, days, and the person or conversation of one picked. */
export function CallsSearch(props: { search: LogSearch; change: (change: Partial<LogSearch>) => void }): JSX.Element {
  const app = useApp();
  const [byDate, setByDate] = createSignal(false);
  const only = (): string | undefined => {
    const { only: wanted } = props.search;
    if (wanted === null) return undefined;
    if (wanted.kind === "person") return t.calls.withPerson(app.nameWithin(wanted.id));
    const place = app.conversations().get(wanted.id)?.conversation;
    return place === undefined ? t.calls.inPlace(t.calls.leftPlace) : t.calls.inPlace(app.title(place));
  };
  const toggleDates = (): void => {
    if (byDate()) props.change({ from: "", until: "" });
    setByDate(!byDate());
  };
  return (
    <div class="calls-search">
      <div class="row">
        <div class="grow">
          <SearchField label={t.calls.search} value={props.search.text} onValue={(text) => props.change({ text })} />
        </div>
        <IconButton icon={CalendarDays} label={t.calls.byDate} aria-expanded={byDate()} onClick={toggleDates} />
      </div>
      <Show when={byDate()}>
        <div class="row calls-dates">
          <Day label={t.calls.fromDay} value={props.search.from} onValue={(from) => props.change({ from })} />
          <Day label={t.calls.untilDay} value={props.search.until} onValue={(until) => props.change({ until })} />
        </div>
      </Show>
      <Show when={only()}>
        {(words) => (
          <p class="pill calls-only">
            <span class="truncate">{words()}</span>
            <IconButton icon={X} label={t.calls.showAll} compact onClick={() => props.change({ only: null })} />
          </p>
        )}
      </Show>
    </div>
  );
}

function Day(props: { label: string; value: string; onValue: (value: string) => void }): JSX.Element {
  const id = createUniqueId();
  return (
    <div class="grow">
      <Framed id={id} label={props.label}>
        <div class="input">
          <input id={id} type="date" value={props.value} onInput={(event) => props.onValue(event.currentTarget.value)} />
        </div>
      </Framed>
    </div>
  );
}
