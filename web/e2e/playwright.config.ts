import { defineConfig } from "@playwright/test";

/**
 * Real browsers against a real server. `CONNECT_BIN` names the server's binary; the browsers are
 * the distribution's own, because those are what people run.
 */
export default defineConfig({
  testDir: ".",
  outputDir: "../test-results",
  globalSetup: "./support/sound.ts",
  // Two cores encode and decode every picture of a call: more at once would measure the machine.
  workers: 1,
  timeout: 90_000,
  expect: { timeout: 15_000 },
  forbidOnly: true,
  reporter: [["list"], ["json", { outputFile: "../test-results/report.json" }]],
  use: { actionTimeout: 30_000, trace: "retain-on-failure", screenshot: "only-on-failure" },
});
