import { BellRing, Play, Square } from "lucide";
import { createEffect, createMemo, createSignal, For, onCleanup, onMount, Show, type JSX } from "solid-js";

import { room } from "../../core/i18n/call.en";
import { playTone, type ChoiceKind } from "../../platform/rtc";
import { bind } from "../bind";
import { Button, Framed, Switch, Wrong } from "../kit";
import { useCalls, useIn, useMedia } from "./room";
import { Picture } from "./picture";

const METER_BARS = 26;

/** Microphone, camera and speaker, tried out before a call. */
export function SoundSettings(): JSX.Element {
  const calls = useCalls();
  const own = useIn();
  const media = useMedia();
  const view = bind(calls.devices.view);
  const level = bind(calls.level);
  const text = room.devices;
  const trial = bind(calls.trial);
  const testing = (): boolean => trial() !== null;
  const problems = createMemo(() =>
    (["camera", "microphone"] as const).flatMap((device) => {
      const problem = trial()?.[device];
      return problem === undefined ? [] : [room.notice.problem[device][problem]];
    }),
  );
  const [rows, setRows] = createSignal(0);
  const [heard, setHeard] = createSignal(false);
  onMount(() => void calls.devices.list());

  const sounding = bind(calls.ringer.sounding);
  const rings = (): boolean => sounding().isTrial;
  onCleanup(() => {
    calls.endTrial();
    calls.ringer.endTrial();
  });
  const track = createMemo(() => (testing() || own() !== undefined ? media().own.camera : null));
  createEffect(() => setRows(track()?.getSettings().height ?? 0));
  createEffect(() => {
    if (level().isTalking) setHeard(true);
  });
  const isOn = (): boolean => testing() || own() !== undefined;

  return (
    <div class="device-settings">
      <div class="device-preview">
        <Show when={track()} fallback={<p class="device-off">{text.cameraOff}</p>}>
          {(shown) => <Picture track={shown()} mirrored />}
        </Show>
        <Show when={track()}>
          <span class="tile-name">{text.preview}</span>
          <Show when={rows() > 0}>
            <span class="tile-why device-rows">{text.cameraAt(rows())}</span>
          </Show>
        </Show>
      </div>
      <Show when={own() === undefined}>
        <Button onClick={() => (testing() ? calls.endTrial() : calls.beginTrial())}>{testing() ? text.stop : text.start}</Button>
      </Show>
      <For each={problems()}>{(problem) => <Wrong text={`${problem.title}. ${problem.text}`} />}</For>
      <Choice kind="camera" label={text.camera} />
      <Choice kind="microphone" label={text.microphone} />
      <div class="meter" role="meter" aria-label={text.microphone} aria-valuemin="0" aria-valuemax="1" aria-valuenow={level().level}>
        <For each={Array.from({ length: METER_BARS })}>
          {(_, index) => <i classList={{ lit: isOn() && index() < level().level * METER_BARS }} />}
        </For>
      </div>
      <p class="meta muted">{heard() && isOn() ? text.heard : text.notHeard}</p>
      <div class="row device-speaker">
        <Choice kind="speaker" label={text.speaker} />
        <Button icon={Play} onClick={() => playTone()}>
          {text.tone}
        </Button>
      </div>
      <div class="row device-ring">
        <Button
          icon={rings() ? Square : BellRing}
          onClick={() => (rings() ? calls.ringer.endTrial() : calls.ringer.beginTrial())}
        >
          {rings() ? text.stopRing : text.ring}
        </Button>
        <p class="meta muted" role="status">
          {rings() ? text.ringing : text.ringText}
        </p>
      </div>
      <div class="device-switch">
        <Switch label={text.quieter} on={view().quieter} change={(on) => calls.devices.setQuieter(on)} />
        <p class="meta muted">{text.quieterText}</p>
      </div>
    </div>
  );
}

function Choice(props: { kind: ChoiceKind; label: string }): JSX.Element {
  const calls = useCalls();
  const view = bind(calls.devices.view);
  const id = `device-${props.kind}`;
  return (
    <Framed id={id} label={props.label}>
      <select
        id={id}
        class="input device-choice"
        value={view().chosen[props.kind]}
        onChange={(event) => calls.devices.choose(props.kind, event.currentTarget.value)}
      >
        <option value="">{room.devices.system}</option>
        <For each={view().lists[props.kind]}>
          {(device, index) => (
            <option value={device.id} selected={device.id === view().chosen[props.kind]}>
              {device.label === "" ? room.control.unnamed(index() + 1) : device.label}
            </option>
          )}
        </For>
      </select>
    </Framed>
  );
}
