import { Hash, Lock, UserCheck, Users, type IconNode } from "lucide";
import { For, Show, type JSX } from "solid-js";

import { t } from "../../core/i18n";
import type { Conversation, Presence, User } from "../../protocol/generated";
import { Icon } from "./icon";

export type Face = Pick<User, "id" | "name" | "hue" | "picture">;
export type Shown = Presence | "in_call";

/** "Ana Kovač" is AK. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/);
  const first = [...(words[0] ?? "")][0] ?? "";
  const last = words.length > 1 ? ([...(words.at(-1) ?? "")][0] ?? "") : "";
  return (first + last).toUpperCase();
}

/** A person's face, beside their name: so it has no name of its own. */
export function Avatar(props: {
  of: Face | undefined;
  size?: 20 | 22 | 28 | 30 | 36 | 44 | 72;
  presence?: Shown | undefined;
  /** One letter, where faces stand close together. */
  short?: boolean;
  class?: string | undefined;
}): JSX.Element {
  const letters = (): string => {
    const all = initials(props.of?.name ?? "?");
    return props.short === true || (props.size ?? 36) < 28 ? ([...all][0] ?? "") : all;
  };
  return (
    <span
      class={`avatar avatar-${props.size ?? 36} ${props.class ?? ""}`}
      style={{ "--hue": props.of?.hue ?? 80 }}
      aria-hidden="true"
    >
      <Show when={props.of?.picture} fallback={letters()}>
        {(picture) => <img src={`/api/v1/users/${props.of?.id ?? ""}/picture?v=${picture()}`} alt="" />}
      </Show>
      <Show when={props.presence}>{(presence) => <i class={`presence presence-${presence()}`} />}</Show>
    </span>
  );
}

/** A few faces and how many more. */
export function Faces(props: {
  of: readonly (Face | undefined)[];
  max: number;
  size?: 20 | 22 | 28 | 30 | 36;
  talking?: readonly string[];
}): JSX.Element {
  return (
    <span class="faces" aria-hidden="true">
      <For each={props.of.slice(0, props.max)}>
        {(face) => (
          <Avatar
            of={face}
            size={props.size ?? 28}
            short
            class={face !== undefined && props.talking?.includes(face.id) === true ? "talking" : ""}
          />
        )}
      </For>
      <Show when={props.of.length > props.max}>
        <span class={`avatar avatar-more avatar-${props.size ?? 28}`}>+{props.of.length - props.max}</span>
      </Show>
    </span>
  );
}

export function placeIcon(conversation: Pick<Conversation, "kind" | "visibility">): IconNode {
  if (conversation.kind === "group") return Users;
  if (conversation.kind === "direct") return UserCheck;
  return conversation.visibility === "private" ? Lock : Hash;
}

export function Place(props: { of: Pick<Conversation, "kind" | "visibility">; large?: boolean }): JSX.Element {
  return (
    <span class={`place ${props.large === true ? "place-44" : ""}`} aria-hidden="true">
      <Icon of={placeIcon(props.of)} />
    </span>
  );
}

export function presenceWord(presence: Shown): string {
  return t.presence[presence];
}
