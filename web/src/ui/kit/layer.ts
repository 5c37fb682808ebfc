/** Where dialogs and menus are put: inside the page's main part, so that they are in a landmark. */
export function layer(): HTMLElement {
  return document.getElementById("layer") ?? document.body;
}
