import solid from "vite-plugin-solid";
import { defineConfig } from "vitest/config";

// `npm run dev` serves the client beside a server started with `connect serve`.
const server = process.env["CONNECT_SERVER"] ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [solid()],
  build: {
    target: "es2023",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
  },
  server: { proxy: { "/api": { target: server, ws: true } } },
  test: {
    include: ["src/**/*.test.{ts,tsx}"],
    environment: "node",
    passWithNoTests: true,
  },
});
