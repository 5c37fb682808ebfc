import { createSignal, onMount, type JSX } from "solid-js";

import { reasonOf } from "../../../actions";
import { t } from "../../../core/i18n";
import { decodeMentions, encodeMentions } from "../../../core/text";
import type { Conversation, Message } from "../../../protocol/generated";
import { useApp } from "../../app";
import { toast } from "../../kit";
import { fit } from "../composer";

/** A message being changed, in its place. */
export function MessageEditor(props: { conversation: Conversation; message: Message; close: () => void }): JSX.Element {
  const app = useApp();
  const [text, setText] = createSignal(
    decodeMentions(props.message.text, (user) => app.user(user)?.name ?? t.somebody),
  );
  let field!: HTMLTextAreaElement;
  onMount(() => {
    fit(field);
    field.focus();
    field.setSelectionRange(field.value.length, field.value.length);
  });
  const close = (): void => {
    props.close();
    document.querySelector<HTMLTextAreaElement>(".composer textarea")?.focus();
  };
  const save = (): void => {
    const next = encodeMentions(text().trim(), [...app.users().values()]);
    if (next !== "" && next !== props.message.text) {
      app.client
        .edit(props.conversation.id, props.message.id, next)
        .catch((error: unknown) => toast(reasonOf(error), "bad"));
    }
    close();
  };
  return (
    <div class="editor">
      <textarea
        ref={field}
        rows="1"
        aria-label={t.message.edit}
        value={text()}
        onInput={(event) => {
          setText(event.currentTarget.value);
          fit(field);
        }}
        onKeyDown={(event) => {
          if (event.isComposing) return;
          if (event.key === "Enter" && !event.shiftKey) {
            event.preventDefault();
            save();
          } else if (event.key === "Escape") {
            event.preventDefault();
            event.stopPropagation();
            close();
          }
        }}
      />
      <p class="hint">{t.message.changeHint}</p>
    </div>
  );
}
