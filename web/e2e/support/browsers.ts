import { chromium, firefox, type Browser } from "@playwright/test";

export type BrowserName = "chromium" | "firefox";

export const CHROMIUM_PATH = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
export const CHROMIUM_ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--use-fake-ui-for-media-stream",
  "--use-fake-device-for-media-stream",
  "--autoplay-policy=no-user-gesture-required",
  // Pages that are not in front must go on drawing: their canvas is their camera.
  "--disable-renderer-backgrounding",
  "--disable-backgrounding-occluded-windows",
  "--disable-background-timer-throttling",
];

const FIREFOX_PREFERENCES = {
  "media.navigator.streams.fake": true,
  "media.navigator.permission.disabled": true,
  // The server is on this machine: without these two, Firefox offers it no address it can use.
  "media.peerconnection.ice.loopback": true,
  "media.peerconnection.ice.obfuscate_host_addresses": false,
  "media.autoplay.default": 0,
};

/** Starts the distribution's browser of that name. */
export function launch(name: BrowserName): Promise<Browser> {
  if (name === "chromium") {
    return chromium.launch({
      executablePath: CHROMIUM_PATH,
      args: CHROMIUM_ARGUMENTS,
    });
  }
  return firefox.launch({
    // Drives a stock Firefox by WebDriver BiDi; known good with this exact Playwright.
    channel: "moz-firefox",
    executablePath: process.env["FIREFOX"] ?? "/usr/bin/firefox-esr",
    firefoxUserPrefs: FIREFOX_PREFERENCES,
  });
}

/** A Chromium that can be killed with all its processes: none of them says a last word. */
export async function launchMortal(): Promise<{ browser: Browser; kill: () => Promise<void> }> {
  const server = await chromium.launchServer({ executablePath: CHROMIUM_PATH, args: CHROMIUM_ARGUMENTS });
  return { browser: await chromium.connect(server.wsEndpoint()), kill: () => server.kill() };
}
