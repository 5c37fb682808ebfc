/**
 * A call without the product: what these browsers need for themselves. A press on one page shows a
 * card on the other, and a press on the card has the two connect. Whoever answers offers, at once, and
 * opens the camera meanwhile; the caller's is open already.
 */
import type { Browser, Page } from "@playwright/test";

import { framed, pressed, shown } from "../e2e/support/moments";
import type { UserId } from "../src/protocol/generated";
import { Wire } from "./wire";

/** What both pages call the other. */
const OTHER = "other" as UserId;
const CARD = "[role=alertdialog]";

const PAGE = `<!doctype html>
<title>bare</title>
<button id="call">Call</button>
<video data-person="other" autoplay playsinline muted width="640" height="480"></video>
<script>
const wire = new WebSocket(location.href.replace("http", "ws"));
var opened = new Promise((done) => (wire.onopen = done));
const tell = (message) => wire.send(JSON.stringify(message));
const video = document.querySelector("video");
let connection = null;
let camera = null;

async function openCamera() {
  const video = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30, max: 30 } };
  camera = await navigator.mediaDevices.getUserMedia({ audio: true, video });
  return camera;
}
function connect() {
  connection = new RTCPeerConnection();
  connection.onicecandidate = ({ candidate }) => candidate && tell({ candidate });
  connection.ontrack = ({ track }) => {
    if (track.kind === "video") video.srcObject = new MediaStream([track]);
  };
}
function put(stream) {
  for (const line of connection.getTransceivers()) {
    line.direction = "sendrecv";
    line.sender.replaceTrack(stream.getTracks().find((track) => track.kind === line.receiver.track.kind));
  }
}
function end() {
  connection?.close();
  for (const track of camera?.getTracks() ?? []) track.stop();
  video.srcObject = connection = camera = null;
  document.querySelector("${CARD}")?.remove();
}
async function answer() {
  connect();
  for (const kind of ["audio", "video"]) connection.addTransceiver(kind);
  void openCamera().then(put);
  await connection.setLocalDescription();
  tell({ offer: connection.localDescription });
}
document.querySelector("#call").onclick = () => tell({ ring: true });
wire.onmessage = async ({ data }) => {
  const { ring, offer, answered, candidate } = JSON.parse(data);
  if (ring) {
    const card = document.createElement("div");
    card.setAttribute("role", "alertdialog");
    card.append(document.createElement("button"));
    card.firstChild.textContent = "Answer";
    card.firstChild.onclick = answer;
    document.body.append(card);
  } else if (offer) {
    connect();
    await connection.setRemoteDescription(offer);
    put(camera);
    await connection.setLocalDescription();
    tell({ answered: connection.localDescription });
  } else if (answered) {
    await connection.setRemoteDescription(answered);
  } else if (candidate) {
    await connection.addIceCandidate(candidate);
  }
};
</script>`;

declare global {
  interface Window {
    opened: Promise<unknown>;
    openCamera: () => Promise<MediaStream>;
    end: () => void;
  }
}

/** Serves the page, at that address of this machine. */
export function bareWire(host: string): Promise<Wire> {
  return Wire.start(PAGE, host);
}

export class Bare {
  private constructor(
    private readonly near: Page,
    private readonly far: Page,
  ) {}

  static async open(near: Browser, far: Browser, wire: Wire): Promise<Bare> {
    return new Bare(await pageOf(near, wire), await pageOf(far, wire));
  }

  /** From the press to the card on the other page, in milliseconds. */
  async ring(): Promise<number> {
    const press = await pressed(this.near, "#call");
    const card = await shown(this.far, CARD);
    await this.near.locator("#call").click();
    const took = (await card()) - (await press());
    await this.far.evaluate(() => window.end());
    return took;
  }

  /** From the press on the card to the first frame of the other's picture, in milliseconds. */
  async answer(): Promise<number> {
    await this.near.evaluate(async () => {
      await window.openCamera();
    });
    await this.near.locator("#call").click();
    const button = this.far.locator(`${CARD} button`);
    await button.waitFor();
    const press = await pressed(this.far, `${CARD} button`);
    const frame = await framed(this.far, OTHER);
    await button.click();
    const took = (await frame()) - (await press());
    for (const page of [this.far, this.near]) await page.evaluate(() => window.end());
    return took;
  }
}

async function pageOf(browser: Browser, wire: Wire): Promise<Page> {
  const context = await browser.newContext();
  await context.grantPermissions(["camera", "microphone"]);
  const page = await context.newPage();
  await page.goto(wire.url);
  await page.evaluate(async () => {
    await window.opened;
  });
  return page;
}
