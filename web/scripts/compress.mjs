// Writes a .br and a .gz beside every file of a built client that gets smaller by it, so that the
// server compresses nothing while people wait.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const TEXT = /\.(css|html|js|json|map|mjs|svg|txt|wasm|webmanifest|xml)$/;
/** Below this, one packet carries it either way. */
const BYTES_MIN = 1024;

const folder = process.argv[2];
if (folder === undefined) {
  console.error("usage: node scripts/compress.mjs <folder of the built client>");
  process.exit(2);
}
for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !TEXT.test(entry.name)) continue;
  const path = join(entry.parentPath, entry.name);
  const bytes = readFileSync(path);
  if (bytes.length < BYTES_MIN) continue;
  const brotli = brotliCompressSync(bytes, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    },
  });
  for (const [end, compressed] of [
    [".br", brotli],
    [".gz", gzipSync(bytes, { level: 9 })],
  ]) {
    if (compressed.length < bytes.length) writeFileSync(path + end, compressed);
  }
}
