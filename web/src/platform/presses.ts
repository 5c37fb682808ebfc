/** What was pressed in a notification comes from the service worker. */
import { fromWorker, type FromWorker } from "../core/press";

/** To be asked before the page is complete: until then the browser keeps what the worker says. */
export function onPress(listener: (press: FromWorker) => void): void {
  if (!("serviceWorker" in navigator)) return;
  navigator.serviceWorker.addEventListener("message", (event) => {
    const press = fromWorker(event.data);
    if (press !== null) listener(press);
  });
}
