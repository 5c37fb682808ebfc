import type { JSX } from "solid-js";

import { others, type InCall } from "../../call";
import { room } from "../../core/i18n/call.en";
import { useApp } from "../app";
import { Confirm } from "../kit";
import { conversationOf, placeName, useCalls } from "./room";

/** Asks a host before the call ends for everybody. */
export function EndForAll(props: { own: InCall; open: boolean; close: () => void }): JSX.Element {
  const app = useApp();
  const calls = useCalls();
  const text = room.endForAll;
  return (
    <Confirm
      title={text.title}
      text={text.text(
        others(props.own.call, props.own.peerId).length,
        placeName(app, conversationOf(app, props.own.call.conversation_id)),
      )}
      keep={text.keep}
      act={text.act}
      open={props.open}
      close={() => props.close()}
      confirm={() => calls.do({ kind: "end_for_all" })}
    />
  );
}
