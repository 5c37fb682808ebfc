import { defineConfig } from "@playwright/test";

/** `cargo xtask bench client` and `calls` run one of them each, with a release build and what else it needs. */
export default defineConfig({
  testDir: ".",
  testMatch: "*.bench.ts",
  outputDir: "../test-results",
  workers: 1,
  timeout: 30 * 60_000,
  forbidOnly: true,
  reporter: [["dot"]],
});
