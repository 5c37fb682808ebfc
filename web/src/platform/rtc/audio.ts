/** The one audio context of the page, and the elements that play what others say. */

let context: AudioContext | null = null;
let outputId = "";

/** Null where the browser has none. It may be suspended until somebody presses something. */
export function audioContext(): AudioContext | null {
  if (context === null) {
    try {
      context = new AudioContext();
      direct(context);
    } catch {
      return null;
    }
  }
  // On a machine without any sound device this never settles.
  if (context.state === "suspended") void context.resume().catch(() => undefined);
  return context;
}

/** Where the page's own sounds go from now on; empty for where the system puts them. */
export function setOutput(speakerId: string): void {
  if (speakerId === outputId) return;
  outputId = speakerId;
  if (context !== null) direct(context);
}

function direct(audio: AudioContext): void {
  if (!("setSinkId" in audio) || typeof audio.setSinkId !== "function") return;
  void (audio.setSinkId as (id: string) => Promise<void>)(outputId).catch(() => undefined);
}

/**
 * Whether the browser keeps this page silent because nobody has pressed anything in it. A machine
 * without a sound device is silent too, and no press helps there.
 */
export function isKeptSilent(audio: AudioContext): boolean {
  const isPressed = "userActivation" in navigator && navigator.userActivation.hasBeenActive;
  return audio.state === "suspended" && !isPressed;
}

/** Plays tracks, each by an element of its own, so that one that stalls takes no other along. */
export class Loudspeaker {
  private readonly elements = new Map<MediaStreamTrack, HTMLAudioElement>();
  private speakerId = "";
  private blocked = false;

  constructor(private readonly onBlocked: (blocked: boolean) => void) {
    for (const event of ["pointerdown", "keydown"]) {
      window.addEventListener(event, () => this.unblock(), { passive: true });
    }
  }

  /** Plays these, and keeps others `ready`: an element that begins only when it is needed begins late. */
  play(tracks: readonly MediaStreamTrack[], ready: readonly MediaStreamTrack[] = []): void {
    for (const track of [...tracks, ...ready]) {
      const element = this.elements.get(track) ?? this.add(track);
      element.muted = !tracks.includes(track);
    }
    for (const [track, element] of this.elements) {
      if (tracks.includes(track) || ready.includes(track)) continue;
      element.srcObject = null;
      this.elements.delete(track);
    }
    if (tracks.length === 0) this.setBlocked(false);
  }

  private add(track: MediaStreamTrack): HTMLAudioElement {
    const element = new Audio();
    element.autoplay = true;
    element.srcObject = new MediaStream([track]);
    this.elements.set(track, element);
    this.direct(element);
    this.start(element);
    return element;
  }

  setSpeaker(deviceId: string): void {
    this.speakerId = deviceId;
    for (const element of this.elements.values()) this.direct(element);
  }

  private direct(element: HTMLAudioElement): void {
    if ("setSinkId" in element) void element.setSinkId(this.speakerId).catch(() => undefined);
  }

  private start(element: HTMLAudioElement): void {
    element.play().catch((error: unknown) => {
      if (error instanceof DOMException && error.name === "NotAllowedError") this.setBlocked(true);
    });
  }

  private unblock(): void {
    if (!this.blocked) return;
    this.setBlocked(false);
    for (const element of this.elements.values()) this.start(element);
  }

  private setBlocked(blocked: boolean): void {
    if (this.blocked === blocked) return;
    this.blocked = blocked;
    this.onBlocked(blocked);
  }
}
