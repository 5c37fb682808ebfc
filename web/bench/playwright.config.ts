import { defineConfig } from "@playwright/test";

/** `cargo xtask bench client` runs it, with a release build and what fills its database. */
export default defineConfig({
  testDir: ".",
  testMatch: "client.bench.ts",
  outputDir: "../test-results",
  workers: 1,
  timeout: 30 * 60_000,
  forbidOnly: true,
  reporter: [["dot"]],
});
