/** How somebody drawn for a picture looks. Colours are CSS colours. */
export type Portrait = {
  room: "frame" | "shelf" | "lights" | "window" | "plain";
  wall: string;
  skin: string;
  shade: string;
  hair: string;
  cut: "bun" | "long" | "short" | "bob" | "curls";
  beard: boolean;
  glasses: boolean;
  top: string;
};

export const PORTRAITS = {
  leah: {
    room: "window",
    wall: "#bdb6a6",
    skin: "#ecc6a6",
    shade: "#d3a283",
    hair: "#6a3d27",
    cut: "bob",
    beard: false,
    glasses: false,
    top: "#6f9485",
  },
  ana: {
    room: "shelf",
    wall: "#54402f",
    skin: "#e4b58f",
    shade: "#c6936d",
    hair: "#2c211f",
    cut: "long",
    beard: false,
    glasses: false,
    top: "#b2604a",
  },
  mateo: {
    room: "plain",
    wall: "#7d8f8b",
    skin: "#c98f63",
    shade: "#a8714a",
    hair: "#2a1d16",
    cut: "curls",
    beard: false,
    glasses: false,
    top: "#e4ded0",
  },
  priya: {
    room: "frame",
    wall: "#cbb998",
    skin: "#a9714b",
    shade: "#865537",
    hair: "#1e1a18",
    cut: "bun",
    beard: false,
    glasses: true,
    top: "#c39a46",
  },
  tomasz: {
    room: "lights",
    wall: "#26333d",
    skin: "#edc6a8",
    shade: "#d0a080",
    hair: "#70502f",
    cut: "short",
    beard: true,
    glasses: false,
    top: "#47596d",
  },
} satisfies Record<string, Portrait>;

declare global {
  interface Window {
    /** Gives what draws the next frame of that portrait. */
    portrait?: (look: Portrait, canvas: HTMLCanvasElement) => (seconds: number) => void;
  }
}

/**
 * Runs in the page, so it holds all it needs. The room and the person are drawn once; a frame lays
 * one over the other, a little elsewhere each time, as somebody at a desk moves.
 */
export function portraitPainter(): void {
  const WIDTH = 640;
  const HEIGHT = 360;

  window.portrait = (look, canvas) => {
    const scale = canvas.width / WIDTH;
    const sheet = (draw: (on: CanvasRenderingContext2D) => void): HTMLCanvasElement => {
      const made = document.createElement("canvas");
      made.width = canvas.width;
      made.height = canvas.height;
      const on = made.getContext("2d");
      if (on !== null) {
        on.scale(scale, scale);
        draw(on);
      }
      return made;
    };
    const blob = (on: CanvasRenderingContext2D, fill: string, path: string): void => {
      on.fillStyle = fill;
      on.fill(new Path2D(path));
    };
    const disc = (on: CanvasRenderingContext2D, fill: string, x: number, y: number, rx: number, ry = rx): void => {
      on.fillStyle = fill;
      on.beginPath();
      on.ellipse(x, y, rx, ry, 0, 0, Math.PI * 2);
      on.fill();
    };

    const things = (on: CanvasRenderingContext2D): void => {
      switch (look.room) {
        case "frame":
          on.fillStyle = "#f1e9d8";
          on.fillRect(58, 58, 132, 100);
          on.fillStyle = "#c4764f";
          on.fillRect(72, 72, 104, 72);
          disc(on, "#efd3a0", 134, 102, 21);
          blob(on, "#4e6b4c", "M560 330 C500 250 486 160 520 110 C570 170 590 250 560 330 Z");
          blob(on, "#6e8f67", "M566 330 C580 240 610 190 660 176 C650 260 620 310 566 330 Z");
          on.fillStyle = "#a3563a";
          on.fillRect(520, 306, 92, 60);
          break;
        case "shelf": {
          const backs = ["#a65f49", "#c7985a", "#5e7167", "#d6c9b0", "#7a5a47", "#84938a", "#b68266"];
          for (let row = 0; row < 3; row++) {
            let x = -8 + row * 5;
            for (let index = 0; x < WIDTH; index++) {
              const width = 13 + ((index * 7 + row * 5) % 15);
              const height = 68 + ((index * 11 + row * 3) % 24);
              on.fillStyle = backs[(index + row * 2) % backs.length] ?? "#84938a";
              // A gap here and there, as books have.
              if ((index + row) % 8 !== 5) on.fillRect(x, 108 + row * 116 - height, width, height);
              x += width + 3;
            }
            on.fillStyle = "#6a4f3b";
            on.fillRect(0, 108 + row * 116, WIDTH, 12);
          }
          on.fillStyle = "rgba(40, 28, 20, 0.3)";
          on.fillRect(0, 0, WIDTH, HEIGHT);
          break;
        }
        case "lights":
          for (let index = 0; index < 34; index++) {
            const glow = ["#f0c888", "#9cc2d6", "#f5e6c6", "#6ea2b8"][index % 4] ?? "#f5e6c6";
            on.globalAlpha = 0.2 + ((index * 13) % 5) * 0.1;
            disc(on, glow, (index * 131) % WIDTH, 16 + ((index * 83) % 230), 8 + ((index * 5) % 15));
          }
          on.globalAlpha = 1;
          on.fillStyle = "#1b262e";
          on.fillRect(0, 262, WIDTH, 100);
          break;
        case "window":
          on.fillStyle = "#eaf0ea";
          on.fillRect(424, -10, 176, 250);
          on.fillStyle = "#a29b8b";
          on.fillRect(506, -10, 11, 250);
          on.fillRect(424, 112, 176, 10);
          on.fillRect(398, -10, 26, 262);
          on.fillStyle = "#8a7e6b";
          on.fillRect(0, 276, 250, 90);
          on.fillStyle = "#6e8177";
          on.fillRect(44, 204, 60, 76);
          blob(on, "#698266", "M72 208 C44 168 50 124 74 110 C92 134 98 172 72 208 Z");
          blob(on, "#7d9576", "M72 208 C82 170 106 148 128 146 C126 176 108 200 72 208 Z");
          break;
        case "plain":
          on.fillStyle = "#6d807c";
          on.fillRect(0, 0, 210, HEIGHT);
          on.fillStyle = "#d9d2c0";
          on.fillRect(470, 70, 120, 84);
          on.fillStyle = "#8fa39e";
          on.fillRect(482, 82, 96, 60);
          blob(on, "#b9c3b3", "M482 142 L516 104 L540 128 L556 112 L578 142 Z");
          break;
      }
    };
    const room = sheet((on) => {
      on.filter = `blur(${String(5 * scale)}px)`;
      on.fillStyle = look.wall;
      on.fillRect(-20, -20, WIDTH + 40, HEIGHT + 40);
      things(on);
      on.filter = "none";
      const light = on.createRadialGradient(540, 30, 20, 540, 30, 620);
      light.addColorStop(0, "rgba(255, 255, 255, 0.26)");
      light.addColorStop(0.5, "rgba(255, 255, 255, 0)");
      light.addColorStop(1, "rgba(0, 0, 0, 0.32)");
      on.fillStyle = light;
      on.fillRect(0, 0, WIDTH, HEIGHT);
    });

    const FACE = "M256 148 C254 88 284 66 320 66 C356 66 386 88 384 148 C384 194 352 236 320 236 C288 236 256 194 256 148 Z";
    const BODY =
      "M116 400 C122 320 166 288 234 272 C262 264 276 258 282 246 L358 246 C364 258 378 264 406 272 C474 288 518 320 524 400 Z";
    const person = sheet((on) => {
      const { skin, shade, hair } = look;
      if (look.cut === "long") blob(on, hair, "M242 160 C228 66 270 38 320 38 C370 38 412 66 398 160 C400 214 408 254 424 292 L216 292 C232 254 240 214 242 160 Z");
      if (look.cut === "bob") blob(on, hair, "M244 156 C232 74 272 42 322 42 C372 42 410 76 396 160 C398 196 392 222 384 240 L256 240 C248 220 242 192 244 156 Z");
      if (look.cut === "bun") disc(on, hair, 320, 40, 29);
      if (look.cut === "curls") {
        for (let index = 0; index < 13; index++) {
          const angle = Math.PI * (0.94 + (index / 12) * 1.12);
          disc(on, hair, 320 + Math.cos(angle) * 62, 124 + Math.sin(angle) * 66, 23);
        }
      }
      on.fillStyle = shade;
      on.fillRect(288, 206, 64, 66);
      blob(on, look.top, BODY);
      const fold = on.createLinearGradient(110, 0, 420, 0);
      fold.addColorStop(0, "rgba(26, 16, 10, 0.4)");
      fold.addColorStop(1, "rgba(26, 16, 10, 0)");
      on.fillStyle = fold;
      on.fill(new Path2D(BODY));
      disc(on, shade, 320, 248, 40, 27);
      disc(on, skin, 322, 242, 36, 27);
      disc(on, shade, 256, 158, 8, 15);
      disc(on, skin, 384, 158, 8, 15);
      blob(on, skin, FACE);
      if (look.beard) {
        blob(on, hair, "M257 160 C258 214 290 244 320 244 C350 244 382 214 383 160 C374 184 362 194 348 198 C330 188 310 188 292 198 C278 194 266 184 257 160 Z");
      }
      const side = on.createLinearGradient(250, 0, 360, 0);
      side.addColorStop(0, "rgba(26, 16, 10, 0.34)");
      side.addColorStop(1, "rgba(26, 16, 10, 0)");
      on.fillStyle = side;
      on.fill(new Path2D(FACE));

      on.strokeStyle = "rgba(30, 18, 12, 0.5)";
      on.lineCap = "round";
      on.lineWidth = 4;
      on.stroke(new Path2D("M284 137 C291 131 300 131 306 134 M334 134 C340 131 349 131 356 137"));
      on.lineWidth = 2.4;
      on.stroke(new Path2D("M322 158 C320 170 315 176 318 181 C322 183 326 183 329 181"));
      on.lineWidth = 3.4;
      on.strokeStyle = "rgba(92, 34, 28, 0.62)";
      on.stroke(new Path2D("M304 203 C313 209 327 209 337 202"));

      switch (look.cut) {
        case "bun":
          blob(on, hair, "M252 154 C246 84 282 54 320 54 C358 54 394 84 388 154 C382 120 362 100 322 92 C282 100 260 118 252 154 Z");
          break;
        case "long":
          blob(on, hair, "M250 158 C240 84 278 48 322 48 C364 48 400 84 390 158 C384 128 364 106 338 92 C310 118 266 124 250 158 Z");
          break;
        case "short":
          blob(on, hair, "M252 150 C240 78 280 50 322 50 C366 50 400 80 388 150 C384 128 378 114 368 104 C340 116 300 116 272 104 C262 114 256 130 252 150 Z");
          break;
        case "bob":
          blob(on, hair, "M250 160 C240 84 280 52 322 52 C366 52 402 86 390 160 C384 134 374 116 358 102 C330 118 288 122 266 116 C258 126 252 140 250 160 Z");
          break;
        case "curls":
          for (let index = 0; index < 8; index++) disc(on, hair, 268 + index * 15, 88 - Math.sin((index / 7) * Math.PI) * 16, 17);
          break;
      }
      if (look.glasses) {
        on.strokeStyle = "rgba(36, 32, 28, 0.85)";
        on.lineWidth = 3.4;
        on.beginPath();
        on.roundRect(276, 141, 38, 27, 11);
        on.roundRect(326, 141, 38, 27, 11);
        on.moveTo(314, 151);
        on.lineTo(326, 151);
        on.stroke();
      }
    });

    const context = canvas.getContext("2d");
    return (seconds) => {
      if (context === null) return;
      context.setTransform(1, 0, 0, 1, 0, 0);
      context.drawImage(room, 0, 0);
      // Near the camera, as people sit: larger, from the bottom up.
      const near = scale * 1.1;
      const aside = -0.05 * WIDTH + Math.sin(seconds * 0.9) * 5;
      const up = -0.1 * HEIGHT + 14 + Math.sin(seconds * 1.7) * 3;
      context.setTransform(near, 0, 0, near, aside * scale, up * scale);
      context.drawImage(person, 0, 0, WIDTH, HEIGHT);
      // The eyes, which close for a moment now and then.
      const isBlinking = seconds % 3.7 < 0.14;
      for (const x of [295, 345]) disc(context, "rgba(30, 18, 12, 0.82)", x, 155, 5.2, isBlinking ? 0.9 : 4.6);
    };
  };
}
