import { createEffect, onCleanup, onMount, type JSX } from "solid-js";

/** A video of one track. It makes no sound: that comes another way. */
export function Picture(props: {
  track: MediaStreamTrack;
  person?: string | undefined;
  mirrored?: boolean;
  /** There is something to see. */
  seen?: () => void;
}): JSX.Element {
  let video!: HTMLVideoElement;
  // The same stream for another track: a new one would empty the picture until its first frame.
  const stream = new MediaStream();
  createEffect(() => {
    const { track } = props;
    stream.addTrack(track);
    for (const other of stream.getTracks()) {
      if (other !== track) stream.removeTrack(other);
    }
    video.srcObject ??= stream;
    // Refused only while the page is not seen; it plays by itself then.
    video.play().catch(() => undefined);
  });
  onMount(() => video.addEventListener("loadeddata", () => props.seen?.(), { once: true }));
  onCleanup(() => {
    video.srcObject = null;
  });
  return (
    <video
      ref={video}
      data-person={props.person}
      class={props.mirrored === true ? "mirrored" : ""}
      autoplay
      playsinline
      muted
      disablepictureinpicture
    />
  );
}
