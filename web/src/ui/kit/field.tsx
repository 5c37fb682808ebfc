import { CircleAlert, Eye, EyeOff, Search, type IconNode } from "lucide";
import { createSignal, createUniqueId, For, Show, splitProps, type JSX } from "solid-js";

import { t } from "../../core/i18n";
import { IconButton } from "./button";
import { Icon } from "./icon";

type FieldProps = {
  label: string;
  hint?: string | undefined;
  /** What is wrong with it, and what to do. */
  wrong?: string | undefined;
  large?: boolean;
  icon?: IconNode;
  value: string;
  onValue: (value: string) => void;
} & Omit<JSX.InputHTMLAttributes<HTMLInputElement>, "value" | "id">;

export function TextField(props: FieldProps): JSX.Element {
  const id = createUniqueId();
  const [own, rest] = splitProps(props, ["label", "hint", "wrong", "large", "icon", "value", "onValue"]);
  return (
    <Framed id={id} label={own.label} hint={own.hint} wrong={own.wrong}>
      <div class={`input ${own.large === true ? "input-large" : ""}`}>
        <Show when={own.icon}>{(icon) => <Icon of={icon()} />}</Show>
        <input
          {...rest}
          id={id}
          value={own.value}
          aria-invalid={own.wrong !== undefined}
          aria-describedby={own.wrong !== undefined || own.hint !== undefined ? `${id}-note` : undefined}
          onInput={(event) => own.onValue(event.currentTarget.value)}
        />
      </div>
    </Framed>
  );
}

export function PasswordField(props: FieldProps): JSX.Element {
  const id = createUniqueId();
  const [own, rest] = splitProps(props, ["label", "hint", "wrong", "large", "icon", "value", "onValue"]);
  const [seen, setSeen] = createSignal(false);
  return (
    <Framed id={id} label={own.label} hint={own.hint} wrong={own.wrong}>
      <div class={`input ${own.large === true ? "input-large" : ""}`}>
        <input
          {...rest}
          id={id}
          type={seen() ? "text" : "password"}
          value={own.value}
          aria-invalid={own.wrong !== undefined}
          aria-describedby={own.wrong !== undefined || own.hint !== undefined ? `${id}-note` : undefined}
          onInput={(event) => own.onValue(event.currentTarget.value)}
        />
        <IconButton
          icon={seen() ? EyeOff : Eye}
          label={seen() ? t.signIn.hide : t.signIn.show}
          compact
          aria-pressed={seen()}
          onClick={() => setSeen(!seen())}
        />
      </div>
    </Framed>
  );
}

export function Framed(props: {
  id: string;
  label: string;
  hint?: string | undefined;
  wrong?: string | undefined;
  children: JSX.Element;
}): JSX.Element {
  return (
    <div class="field">
      <label class="label" for={props.id}>
        {props.label}
      </label>
      {props.children}
      <Show
        when={props.wrong}
        fallback={
          <Show when={props.hint}>
            <p class="hint" id={`${props.id}-note`}>
              {props.hint}
            </p>
          </Show>
        }
      >
        <p class="wrong" id={`${props.id}-note`} role="alert">
          <Icon of={CircleAlert} />
          {props.wrong}
        </p>
      </Show>
    </div>
  );
}

/** What is wrong with the whole of a form. */
export function Wrong(props: { text: string | undefined }): JSX.Element {
  return (
    <Show when={props.text}>
      <p class="wrong" role="alert">
        <Icon of={CircleAlert} />
        {props.text}
      </p>
    </Show>
  );
}

export function SearchField(props: {
  label: string;
  value: string;
  onValue: (value: string) => void;
  autofocus?: boolean;
}): JSX.Element {
  return (
    <div class="input">
      <Icon of={Search} />
      <input
        type="search"
        aria-label={props.label}
        placeholder={props.label}
        value={props.value}
        autofocus={props.autofocus === true}
        autocomplete="off"
        onInput={(event) => props.onValue(event.currentTarget.value)}
      />
    </div>
  );
}

export function Switch(props: {
  label: string;
  on: boolean;
  disabled?: boolean;
  change: (on: boolean) => void;
}): JSX.Element {
  return (
    <label class="switch">
      <input
        type="checkbox"
        role="switch"
        checked={props.on}
        disabled={props.disabled === true}
        onChange={(event) => props.change(event.currentTarget.checked)}
      />
      {props.label}
    </label>
  );
}

/** One of a few, all in sight. */
export function Segments<Value extends string>(props: {
  label: string;
  value: Value;
  options: readonly { value: Value; label: string }[];
  change: (value: Value) => void;
}): JSX.Element {
  const name = createUniqueId();
  return (
    <fieldset class="segments">
      <legend class="spoken">{props.label}</legend>
      <For each={props.options}>
        {(option) => (
          <label>
            <input
              type="radio"
              name={name}
              checked={option.value === props.value}
              onChange={() => props.change(option.value)}
            />
            {option.label}
          </label>
        )}
      </For>
    </fieldset>
  );
}
