import { createSignal, Show, type JSX } from "solid-js";

import { reasonOf } from "../../actions";
import type { InCall } from "../../call";
import { peopleIn } from "../../core/calls";
import { t } from "../../core/i18n";
import { room } from "../../core/i18n/call.en";
import { Refused } from "../../core/refusal";
import type { UserId } from "../../protocol/generated";
import { useApp } from "../app";
import { Button, Confirm, Wrong } from "../kit";
import { Dialog } from "../kit/dialog";
import { PeoplePicker } from "../views/dialogs/people-picker";
import { conversationOf, useCalls } from "./room";

const text = room.people;

/** Asks people into the call. A direct message's goes on in a group of its two and them. */
export function RingPeople(props: { own: InCall; close: () => void }): JSX.Element {
  const app = useApp();
  const calls = useCalls();
  const [chosen, setChosen] = createSignal<readonly UserId[]>([]);
  const [busy, setBusy] = createSignal(false);
  const [many, setMany] = createSignal(false);
  const [wrong, setWrong] = createSignal<string>();
  const isDirect = (): boolean => conversationOf(app, props.own.call.conversation_id)?.kind === "direct";
  const ring = async (ringMany: boolean): Promise<void> => {
    setBusy(true);
    setWrong(undefined);
    try {
      await calls.add(chosen(), ringMany);
      props.close();
    } catch (error) {
      if (error instanceof Refused && error.code === "rings_many") setMany(true);
      else setWrong(reasonOf(error));
    }
    setBusy(false);
  };
  return (
    <Dialog title={text.ringPeople} open close={() => props.close()}>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          void ring(false);
        }}
      >
        <PeoplePicker
          label={text.ringPeople}
          except={peopleIn(props.own.call)}
          chosen={chosen()}
          pick={(user) => setChosen([...chosen(), user.id])}
          unpick={(user) => setChosen(chosen().filter((one) => one !== user))}
        />
        <Show when={isDirect()}>
          <p class="muted small">{text.movesToGroup}</p>
        </Show>
        <Wrong text={wrong()} />
        <div class="dialog-actions">
          <Button onClick={() => props.close()}>{t.cancel}</Button>
          <Button kind="primary" type="submit" busy={busy()} disabled={chosen().length === 0}>
            {text.ring}
          </Button>
        </div>
      </form>
      <Confirm
        title={text.manyTitle}
        text={text.many(chosen().length)}
        keep={text.dontRing}
        act={text.ringAll}
        open={many()}
        close={() => setMany(false)}
        confirm={() => void ring(true)}
      />
    </Dialog>
  );
}
