import { readFileSync } from "node:fs";

import { build, type Plugin } from "vite";
import solid from "vite-plugin-solid";
import { defineConfig } from "vitest/config";

// `npm run dev` serves the client beside a server started with `connect serve`.
const server = process.env["CONNECT_SERVER"] ?? "http://127.0.0.1:8080";
const target = "es2023";

/**
 * The service worker: one file that shares nothing with the client's and never has another name, so
 * that browsers find the next one where this one was.
 */
function serviceWorker(): Plugin {
  const fileName = "sw.js";
  const source = async (): Promise<string> => {
    const built = await build({
      configFile: false,
      publicDir: false,
      logLevel: "warn",
      build: { target, write: false, rollupOptions: { input: "src/worker/sw.ts", output: { format: "iife" } } },
    });
    const [bundle] = [built].flat();
    if (bundle === undefined || !("output" in bundle)) throw new Error("a build that is not watched gives its output");
    return bundle.output[0].code;
  };
  return {
    name: "service-worker",
    async generateBundle() {
      this.emitFile({ type: "asset", fileName, source: await source() });
    },
    configureServer(development) {
      development.middlewares.use(`/${fileName}`, (_request, response, next) => {
        source().then((code) => {
          response.setHeader("content-type", "text/javascript");
          response.end(code);
        }, next);
      });
    },
  };
}

type Modules = { getModuleInfo: (id: string) => { isEntry: boolean; importers: readonly string[] } | null };

/** Puts `scripts/theme.js` into the page: one request less before the first paint. */
function theme(): Plugin {
  return {
    name: "theme",
    transformIndexHtml(page) {
      const script = readFileSync(new URL("scripts/theme.js", import.meta.url), "utf8").replace(/^\s*\/\/.*\n/gm, "");
      return page.replace('<script src="/theme.js"></script>', () => `<script>\n${script}</script>`);
    },
  };
}

const isPage = (id: string, modules: Modules): boolean => modules.getModuleInfo(id)?.isEntry === true;
const isShell = (id: string): boolean => id.endsWith("/src/ui/views/shell.tsx");

/** Whether a module is a root, or imported by one, directly or not. */
function within(id: string, modules: Modules, isRoot: (id: string, modules: Modules) => boolean, asked = new Set<string>()): boolean {
  if (asked.has(id)) return false;
  asked.add(id);
  const module = modules.getModuleInfo(id);
  if (module === null || id.endsWith(".css")) return false;
  return isRoot(id, modules) || module.importers.some((importer) => within(importer, modules, isRoot, asked));
}

export default defineConfig({
  plugins: [solid(), theme(), serviceWorker()],
  build: {
    target,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
    rolldownOptions: {
      output: {
        // What the first page needs comes as one file: a browser opens six connections, and eight
        // small files in front of one another cost a phone more than the bytes do.
        codeSplitting: {
          groups: [
            { name: (id, modules) => (within(id, modules, isPage) ? "start" : null), debugName: "start", priority: 2 },
            { name: (id, modules) => (within(id, modules, isShell) ? "shell" : null), debugName: "shell", priority: 1 },
          ],
        },
      },
    },
  },
  server: { proxy: { "/api": { target: server, ws: true } } },
  test: {
    include: ["src/**/*.test.{ts,tsx}"],
    environment: "node",
    passWithNoTests: true,
  },
});
