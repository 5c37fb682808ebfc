import { Dialog as Kobalte } from "@kobalte/core/dialog";
import { X } from "lucide";
import { Show, type JSX } from "solid-js";

import { t } from "../../core/i18n";
import { Button, IconButton } from "./button";
import { layer } from "./layer";

/** A dialog keeps the focus until it is closed, and gives it back to where it came from. */
export function Dialog(props: {
  title: string;
  text?: string;
  open: boolean;
  close: () => void;
  wide?: boolean;
  /** Stands near the top and shows no title: its field says what it is. */
  bare?: boolean;
  alert?: boolean;
  children: JSX.Element;
}): JSX.Element {
  return (
    <Kobalte open={props.open} onOpenChange={(open) => !open && props.close()} preventScroll={false}>
      <Kobalte.Portal mount={layer()}>
        <Kobalte.Overlay class="scrim" />
        <div class={`dialog-place ${props.bare === true ? "dialog-place-top" : ""}`}>
          <Kobalte.Content
            class={`dialog ${props.wide === true ? "dialog-wide" : ""} ${props.bare === true ? "dialog-bare" : ""}`}
            role={props.alert === true ? "alertdialog" : "dialog"}
          >
            <div class={props.bare === true ? "spoken" : "dialog-head"}>
              <div class="grow">
                <Kobalte.Title class="heading">{props.title}</Kobalte.Title>
                <Show when={props.text}>
                  {(text) => <Kobalte.Description class="muted">{text()}</Kobalte.Description>}
                </Show>
              </div>
              <Show when={props.alert !== true && props.bare !== true}>
                <IconButton icon={X} label={t.close} compact onClick={() => props.close()} />
              </Show>
            </div>
            {props.children}
          </Kobalte.Content>
        </div>
      </Kobalte.Portal>
    </Kobalte>
  );
}

export type ConfirmProps = {
  title: string;
  text: string;
  keep: string;
  act: string;
  open: boolean;
  danger?: boolean;
  close: () => void;
  confirm: () => void;
};

/** Asks before what cannot be undone. The safe way out has the focus. */
export function ConfirmDialog(props: ConfirmProps): JSX.Element {
  return (
    <Dialog title={props.title} text={props.text} open={props.open} close={() => props.close()} alert>
      <div class="dialog-actions">
        <Button onClick={() => props.close()}>{props.keep}</Button>
        <Button
          kind={props.danger === false ? "primary" : "danger"}
          onClick={() => {
            // Closing forgets what the question was about.
            props.confirm();
            props.close();
          }}
        >
          {props.act}
        </Button>
      </div>
    </Dialog>
  );
}
